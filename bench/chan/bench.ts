import { join } from "node:path";
import type { Bench } from "../lib/bench.ts";
import { kernelCase } from "../lib/cases.ts";
import { goSubject, nodeSubject } from "../lib/subject.ts";

const dir = join(import.meta.dirname, "subjects");

/** What each case counts; n is one value from sender to receiver, and there and back for ping-pong. */
const cases = [
  // Two tasks over two unbuffered channels, one of which adds 1: both wait all the time. The common case of a request.
  "ping-pong",
  // One sender and one receiver on an unbuffered channel: the worst case of a pipeline.
  "unbuffered",
  // The same with room for 128 values, received one by one in a loop: the common case of a pipeline.
  "buffered",
  // The same, sent and received as the subject's documentation says for many values at once.
  "buffered-batches",
];

export const bench: Bench = {
  name: "chan",
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
        nodeSubject("thi.ng-csp", join(dir, "thi.ng-csp.ts"), env),
        nodeSubject("effect", join(dir, "effect.ts"), env),
      ],
    });
  }),
};
