import assert from "node:assert/strict";
import { test } from "node:test";
import { randomBelow, seed } from "./random.ts";

test("randomBelow is within its bound, reaches all of it, and repeats with the seed", () => {
  for (const n of [1, 2, 3, 7, 100, 2 ** 20]) {
    for (const start of [0, 1, -1, 2 ** 31, 12345]) {
      seed(start);
      const values = Array.from({ length: 2000 }, () => randomBelow(n));
      assert.ok(values.every((v) => Number.isInteger(v) && v >= 0 && v < n));
      assert.equal(new Set(values).size >= Math.min(n, 100), true);
      seed(start);
      assert.deepEqual(
        Array.from({ length: 2000 }, () => randomBelow(n)),
        values,
      );
    }
  }
});
