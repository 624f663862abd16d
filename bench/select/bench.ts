import { join } from "node:path";
import type { Bench } from "../lib/bench.ts";
import { kernelCase } from "../lib/cases.ts";
import { goSubject, nodeSubject } from "../lib/subject.ts";

const dir = join(import.meta.dirname, "subjects");

/** What each case counts; n is one value that was received by a select over two channels. */
const cases = [
  // The value is there before the select: one by turns in one of two channels with room for one.
  "select-ready",
  // The select waits first: another task gets a request, over an unbuffered channel, and answers on one of two, by
  // turns. So n also holds a hand-off, the same for all. The common case of a loop that serves several channels.
  "select-blocked",
];

export const bench: Bench = {
  name: "select",
  cases: cases.map((name) => {
    const env = { CASE: name };
    return kernelCase({
      name,
      unit: "ns",
      better: "lower",
      subjects: [
        nodeSubject("millrace", join(dir, "millrace.ts"), env),
        goSubject("go", join(dir, "go"), env),
        nodeSubject("ts-chan", join(dir, "ts-chan.ts"), env),
        nodeSubject("ts-chan-unsafe", join(dir, "ts-chan.ts"), { ...env, UNSAFE: "1" }),
      ],
    });
  }),
};
