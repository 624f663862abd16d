import assert from "node:assert/strict";
import { printNanoseconds } from "./kernel.ts";

/** Kernel moves the numbers from 0 to count - 1 from one task to another, and returns the sum of what arrived. */
export interface Kernel {
  /** count is how many numbers a timed run moves: enough for half a second. */
  readonly count: number;
  run(count: number): Promise<number>;
}

/**
 * measureKernel times the kernel whose name is in CASE. Each run, also a timed one, must give the right sum; `added`
 * is what the other side adds to each number.
 */
export async function measureKernel(
  kernels: Readonly<Record<string, Kernel>>,
  added: (name: string) => number = () => 0,
): Promise<void> {
  const name = process.env["CASE"] ?? "";
  const kernel = kernels[name];
  if (kernel === undefined) throw new Error(`CASE is ${name}, want one of ${Object.keys(kernels).join(", ")}`);
  const run = async (count: number): Promise<void> => {
    assert.equal(await kernel.run(count), (count * (count - 1)) / 2 + count * added(name));
  };
  for (const count of [1, 127, 128, 129, 1000]) await run(count);
  await printNanoseconds({ count: kernel.count }, () => run(kernel.count));
}
