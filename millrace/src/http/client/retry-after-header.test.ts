import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRetryAfter } from "./retry-after-header.ts";

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);
const cases: readonly [value: string | undefined, want: number | undefined][] = [
  [undefined, undefined],
  ["", undefined],
  ["0", 0],
  ["120", 120_000],
  [" 5 ", 5000],
  ["-1", undefined],
  ["1.5", undefined],
  ["1e3", undefined],
  ["soon", undefined],
  ["99999999999", undefined],
  ["Thu, 01 Jan 2026 12:01:00 GMT", 60_000],
  ["Thu, 01 Jan 2026 11:00:00 GMT", 0],
  ["Thursday, 01-Jan-26 12:00:10 GMT", 10_000],
  ["2026-01-01T12:01:00Z", undefined],
  ["Xyz GMT", undefined],
];
for (const [value, want] of cases) {
  test(`retry-after: ${value} is ${want} ms`, () => assert.equal(parseRetryAfter(value, NOW), want));
}
