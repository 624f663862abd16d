/** KernelRun is how a kernel's loop is timed. */
export interface KernelRun {
  /** count is the number of operations that one call of the loop makes. */
  readonly count: number;
  /** warmups are calls before the timed one. Default: 3. */
  readonly warmups?: number;
}

/** printNanoseconds runs a loop and prints the CPU time of one operation, as kernelCase reads it: {"value": 12.5}. */
export async function printNanoseconds({ count, warmups = 3 }: KernelRun, loop: () => unknown): Promise<void> {
  for (let i = 0; i < warmups; i++) await loop();
  const before = process.cpuUsage();
  await loop();
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ value: ((user + system) * 1_000) / count }));
}
