import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command, Subject } from "./bench.ts";
import { median, runBench } from "./measure.ts";

const command = (name: string): Command => ({ argv: [name] });
const subject = (name: string): Subject => ({ name, prepare: async () => command(name) });

test("median", () => {
  assert.equal(median([1, 2, 9]), 2);
  assert.equal(median([1, 2, 4, 9]), 3);
});

test("all are proven first, rounds go in opposite orders, and a missing subject is left out", async () => {
  const log: string[] = [];
  const rows = await runBench(
    {
      name: "b",
      cases: [
        {
          name: "c",
          unit: "ms",
          better: "lower",
          rounds: 3,
          subjects: [subject("a"), { name: "gone", prepare: async () => ({ missing: "gone" }) }, subject("z")],
          prove: async ({ argv }) => void log.push(`prove ${argv[0]}`),
          measure: async ({ argv }) => log.push(argv[0]),
        },
      ],
    },
    { progress: () => undefined },
  );
  assert.deepEqual(log, ["prove a", "prove z", "a", "z", "z", "a", "a", "z"]);
  assert.deepEqual(
    rows.map((row) => [row.subject, row.median, row.min, row.max, row.runs]),
    [
      ["a", 6, 3, 7, [3, 6, 7]],
      ["z", 5, 4, 8, [4, 5, 8]],
    ],
  );
});

test("a wrong answer stops the bench before anything is measured", async () => {
  const prove = (): Promise<never> => Promise.reject(new Error("no"));
  const measure = (): never => assert.fail("measured");
  const one = { name: "c", unit: "ms", better: "lower", subjects: [subject("a")], prove, measure } as const;
  const run = runBench({ name: "b", cases: [one] }, { progress: () => undefined });
  await assert.rejects(run, /c: a gives a wrong answer/);
});
