import assert from "node:assert/strict";
import { test } from "node:test";
import { Ring } from "./ring.ts";

test("a ring that grows while it goes round keeps its order", () => {
  for (const read of [0, 1, 2, 3, 4]) {
    const ring = new Ring<number>(100);
    const got: number[] = [];
    let next = 0;
    const push = (n: number): void => {
      for (let i = 0; i < n; i++) ring.push(next++);
    };
    // Four slots are full, the oldest value stands in any of them, and the next one makes it grow: 8 slots, then 16.
    push(4);
    for (let i = 0; i < read; i++) got.push(ring.shift());
    push(read + 1);
    for (let i = 0; i < read; i++) got.push(ring.shift());
    push(10);
    while (ring.length > 0) got.push(ring.shift());
    assert.deepEqual(
      got,
      Array.from({ length: next }, (_, i) => i),
    );
  }
});
