import assert from "node:assert/strict";
import { test } from "node:test";
import { Parked } from "./parked.ts";
import { useUpSlice } from "./testing/slice.ts";

test("30: an error does not overtake the wake-ups before it, nor what comes after", async () => {
  const waits = Array.from({ length: 6 }, () => new Parked());
  const order: number[] = [];
  const settled = waits.map((wait, i) =>
    wait.promise<void>().then(
      () => order.push(i),
      () => order.push(i),
    ),
  );
  useUpSlice();
  for (const [i, wait] of waits.entries()) {
    if (i % 2 === 0) wait.complete(undefined);
    else wait.fail(new Error("failed"));
  }
  await Promise.all(settled);
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5]);
});
