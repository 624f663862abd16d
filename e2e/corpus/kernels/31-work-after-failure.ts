import assert from "node:assert/strict";
import type { Environment, Kernel } from "../kernel.ts";

/** A map with a limit fails with its first error; its other places go on to start what is left. */
export const kernel: Kernel = {
  id: 31,
  name: "new work starts after the failure",
  seen: ["Vincit/objection.js promiseUtils (nacd OBJ)", "Promise.all, measured"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, false),
  fixed: (k) => scenario(k, true),
};

async function scenario(k: Environment, stops: boolean): Promise<void> {
  let rolledBack = false;
  const late: number[] = [];
  const insert = async (row: number): Promise<void> => {
    if (rolledBack) late.push(row);
    await k.io();
    if (row === 3) throw new Error("duplicate key");
  };
  try {
    await mapLimited([1, 2, 3, 4], 2, stops, insert);
  } catch {
    rolledBack = true;
  }
  await k.sleep(5);
  assert.deepEqual(late, [], "rows are written after the roll-back");
}

function mapLimited(
  rows: readonly number[],
  limit: number,
  stops: boolean,
  fn: (row: number) => Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let next = 0;
    let running = 0;
    let failed = false;
    const run = async (row: number): Promise<void> => {
      try {
        await fn(row);
        running--;
        start();
      } catch (err) {
        failed = true;
        reject(err);
      }
    };
    const start = (): void => {
      if (failed && stops) return;
      if (next === rows.length && running === 0) resolve();
      while (running < limit && next < rows.length) {
        running++;
        void run(rows[next++]!);
      }
    };
    start();
  });
}
