import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample } from "./sample.ts";
import { framesOf, positionOf, ranBefore } from "./stack.ts";
import { judge } from "./verdict.ts";

const SAMPLE_MS = 40;
const a = { name: "a" };
const b = { name: "b" };
const DEEP = "Error\n    at <anonymous>:1:34\n    at inner (file:///s.ts:1:2)\n    at outer (file:///s.ts:3:4)";
const ENTERED =
  "Error\n    at <anonymous>:1:34\n    at entered (file:///s.ts:1:2)\n    at async outer (file:///s.ts:3:4)";

// Samples of a stall that began at 0: of whom, when it was asked for, and how late it came.
function samples(...told: [store: object | undefined, askedMs: number, lateMs?: number, stack?: string][]): Sample[] {
  return told.map(([store, askedMs, lateMs = 1, stack = DEEP]) => {
    return { store, askedMs, atMs: askedMs + lateMs, trace: { stack }, requests: [] };
  });
}

const cases: { name: string; samples: Sample[]; ms: number; store?: object; frames?: number }[] = [
  { name: "one for all of it", samples: samples([a, 50], [a, 90], [a, 130], [a, 170]), ms: 200, store: a },
  { name: "one for most of it", samples: samples([b, 50], [a, 90], [a, 130], [a, 170]), ms: 200, store: a },
  { name: "none, of two halves", samples: samples([b, 50], [b, 90], [a, 130], [a, 170]), ms: 200, frames: 0 },
  { name: "none, of a sample that says little", samples: samples([a, 190]), ms: 200, frames: 0 },
  { name: "none without samples", samples: [], ms: 200, frames: 0 },
  { name: "native code, by who has called it", samples: samples([a, 50, 150]), ms: 200, store: a },
  {
    name: "none, when native code may have been another's",
    samples: samples([a, 50, 150, ENTERED]),
    ms: 200,
    frames: 0,
  },
  {
    name: "who is interrupted at once, however deep",
    samples: samples([a, 50, 1, ENTERED], [a, 90, 1, ENTERED], [a, 130, 1, ENTERED]),
    ms: 200,
    store: a,
    frames: 1,
  },
  {
    name: "one that is between two microtasks",
    samples: samples([a, 50, 1, "Error"], [a, 90, 1, "Error"], [a, 130, 1, DEEP]),
    ms: 200,
    store: a,
  },
  {
    name: "the place, if no context is known",
    samples: samples([undefined, 50], [undefined, 90], [undefined, 130]),
    ms: 200,
  },
  { name: "none, when it came after the loop had turned", samples: samples([a, 50, 150, "Error"]), ms: 200, frames: 0 },
];
for (const { name, samples, ms, store, frames = 2 } of cases) {
  test(`a stall is blamed on ${name}`, () => {
    const verdict = judge(samples, ms, SAMPLE_MS);
    assert.equal(verdict.store, store);
    assert.equal(verdict.frames.length, frames);
  });
}

test("a stack ends where the context was entered", () => {
  const stack = [
    "Error",
    "    at <anonymous>:1:34",
    "    at get performance (node:internal/util:638:17)",
    "    at Array.map (<anonymous>)",
    "    at handler (file:///app/orders.ts:16:58)",
    "    at process.processTicksAndRejections (node:internal/process/task_queues:65:5)",
    "    at main (file:///app/main.ts:1:1)",
  ].join("\n");
  const frames = framesOf(stack);
  assert.deepEqual(frames, [
    "get performance (node:internal/util:638:17)",
    "Array.map (<anonymous>)",
    "handler (file:///app/orders.ts:16:58)",
  ]);
  assert.equal(positionOf(frames), "handler (file:///app/orders.ts:16:58)");
  assert.equal(ranBefore(frames), true);
  // A function of the engine's has no frame that was entered before.
  assert.equal(ranBefore(frames.slice(1)), false);
  assert.deepEqual(framesOf(undefined), []);
});
