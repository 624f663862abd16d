/** Around calls a task's function with its context, as it likes, and gives its result. */
export type Around = <C extends object>(ctx: C, name: string, fn: (ctx: C) => unknown) => unknown;

/** around is what calls the functions of tasks; null while they are called as they are, at the cost of one comparison. */
export let around: Around | null = null;

/** putAround sets it, or takes it away. */
export function putAround(fn: Around | null): void {
  around = fn;
}
