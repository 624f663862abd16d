import assert from "node:assert/strict";
import { test } from "node:test";
import { bubble } from "../test/index.ts";
import { backoff } from "./backoff.ts";

const cases = [
  { attempt: 1, max: 50 },
  { attempt: 2, max: 100 },
  { attempt: 5, max: 800 },
  { attempt: 8, max: 5000 },
  { attempt: 2000, max: 5000 },
];

for (const { attempt, max } of cases) {
  test(`after attempt ${attempt} the wait is anything from 0 to ${max} ms`, async () => {
    await bubble(() => {
      const waits = Array.from({ length: 400 }, () => backoff(attempt));
      assert.ok(Math.min(...waits) >= 0 && Math.max(...waits) <= max);
      assert.ok(Math.min(...waits) < max / 10 && Math.max(...waits) > max * 0.9, "full jitter");
    });
  });
}

test("the bounds can be set", () => assert.ok(backoff(20, { baseMs: 1, maxMs: 7 }) <= 7));
