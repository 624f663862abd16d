import assert from "node:assert/strict";

/** TASKS run at once, and each waits HOPS times. */
const TASKS = 9;
const HOPS = 10;

async function io<T>(value: T): Promise<T> {
  await Promise.resolve();
  return value;
}

/** kernel is the program that is run in many orders: its sum is the same in all of them. */
export async function kernel(call: <T>(value: T) => Promise<T> = io): Promise<void> {
  let sum = 0;
  async function task(id: number): Promise<void> {
    for (let hop = 0; hop < HOPS; hop++) {
      // In two statements: `sum += await …` would read the sum before it waits.
      const value = await call(id);
      sum += value;
    }
  }
  await Promise.all(Array.from({ length: TASKS }, (_, id) => task(id)));
  assert.equal(sum, (HOPS * TASKS * (TASKS - 1)) / 2);
}
