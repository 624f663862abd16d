import assert from "node:assert/strict";
import { test } from "node:test";
import { newLog } from "millrace/log";
import { watchStalls } from "millrace/stall";
import { current, enableCurrent } from "millrace/task";

test("stalls are watched", () => {
  const log = newLog();
  enableCurrent();
  using _ = watchStalls({ log, thresholdMs: 200 });
  assert.equal(current(), undefined);
});
