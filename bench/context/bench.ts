import { join } from "node:path";
import type { Bench } from "../lib/bench.ts";
import { kernelCase } from "../lib/cases.ts";
import { nodeSubject } from "../lib/subject.ts";

const dir = join(import.meta.dirname, "subjects");

/** What a request pays for its deadline and for the signal of its disconnect, when neither happens: the common case. */
export const bench: Bench = {
  name: "context",
  cases: [
    kernelCase({
      name: "request-context",
      unit: "ns",
      better: "lower",
      subjects: [
        nodeSubject("millrace", join(dir, "millrace.ts")),
        nodeSubject("abort-signal", join(dir, "abort-signal.ts")),
      ],
    }),
  ],
};
