import { test } from "node:test";
import { heapUsed, mixedOperations } from "./testing/heap.ts";
import { checkModel } from "./testing/commands.ts";
import assert from "node:assert/strict";

const STEPS = Number(process.env["MILLRACE_MODEL_STEPS"] ?? 1_000_000);

test("248: a million random operations have the history of the model", { timeout: 15 * 60_000 }, async (t) => {
  let steps = 0;
  while (steps < STEPS) steps += await checkModel(200, 500);
  t.diagnostic(`${steps} operations`);
});

test("251: the heap is flat over ten million mixed operations", { timeout: 15 * 60_000 }, async () => {
  await mixedOperations(100_000, 1);
  const before = await heapUsed();
  for (let round = 0; round < 100; round++) await mixedOperations(100_000, 2 + round);
  const grown = (await heapUsed()) - before;
  assert.ok(grown < 2_000_000, `${grown} bytes more`);
});
