import { rt } from "./hook.ts";

// Not zero, which xorshift never leaves.
let state = Math.trunc(Math.random() * 0xffff_ffff) + 1;

/** seed makes all further choices a function of this number: for tests that replay. */
export function seed(n: number): void {
  state = n | 0 || 1;
}

/** randomBelow is a whole number from 0 to n - 1, n up to 2^20; for fair choices, not for secrets. Source: Marsaglia's xorshift32. */
export function randomBelow(n: number): number {
  const chosen = rt?.choose(n);
  if (chosen !== undefined) return chosen;
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  // The high bits are the better ones.
  return Math.trunc(((state >>> 0) / 2 ** 32) * n);
}
