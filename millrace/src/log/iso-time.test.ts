import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isoTimes } from "./iso-time.ts";

test("a time is written as a date writes it, whatever was written before it", () => {
  const ms = fc.oneof(fc.integer({ min: -3000, max: 3000 }), fc.integer({ min: -8.64e15, max: 8.64e15 }));
  fc.assert(
    fc.property(fc.array(ms, { maxLength: 20 }), (all) => {
      const iso = isoTimes();
      for (const each of all) assert.equal(iso(each), new Date(each).toISOString());
    }),
  );
});

test("what is less than a millisecond is left out", () => {
  const iso = isoTimes();
  assert.equal(iso(1_700_000_000_123.9), "2023-11-14T22:13:20.123Z");
});
