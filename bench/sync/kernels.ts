import assert from "node:assert/strict";
import { printNanoseconds } from "../lib/kernel.ts";

/** Critical runs a function while it holds one of the tokens, and gives its result. */
export type Critical = <T>(fn: () => Promise<T>) => Promise<T>;

/** TASKS is how many want the lock in the contended cases. */
export const TASKS = 16;

/** proveLimit throws unless exactly so many of a hundred tasks are let in together, and all of them in the end. */
export async function proveLimit(limit: number, critical: Critical): Promise<void> {
  let [inside, most, sum] = [0, 0, 0];
  const task = (i: number): Promise<number> =>
    critical(async () => {
      most = Math.max(most, ++inside);
      const before = sum;
      await Promise.resolve();
      if (limit === 1) assert.equal(sum, before, "an update was lost");
      sum += i;
      inside--;
      return i;
    });
  const results = await Promise.all(Array.from({ length: 100 }, (_, i) => task(i)));
  assert.deepEqual([most, sum, results.at(-1)], [limit, 4950, 99]);
}

/** printContended measures sixteen tasks that each do the same in turn, so many times in all. */
export async function printContended(count: number, task: (times: number) => Promise<void>): Promise<void> {
  await printNanoseconds({ count }, () => Promise.all(Array.from({ length: TASKS }, () => task(count / TASKS))));
}

/** JOBS is how many jobs the limiter gets at a time. */
export const JOBS = 1000;

/** job is what the limiter limits. */
export async function job(i: number): Promise<number> {
  await Promise.resolve();
  return i;
}

/** printJobs measures a limiter that runs all jobs; all gives their results in their order. */
export async function printJobs(all: () => Promise<readonly number[]>): Promise<void> {
  const want = Array.from({ length: JOBS }, (_, i) => i);
  assert.deepEqual(await all(), want);
  const rounds = 200;
  await printNanoseconds({ count: rounds * JOBS }, async () => {
    for (let i = 0; i < rounds; i++) assert.equal((await all()).length, JOBS);
  });
}
