import { join } from "node:path";
import type { Bench, Case } from "../lib/bench.ts";
import { kernelCase } from "../lib/cases.ts";
import { nodeSubject } from "../lib/subject.ts";

const dir = join(import.meta.dirname, "subjects");

function nanoseconds(name: string): Case {
  const subject = (peer: string) => nodeSubject(peer, join(dir, `${peer}.ts`), { CASE: name });
  return kernelCase({ name, unit: "ns", better: "lower", subjects: ["millrace", "opentelemetry"].map(subject) });
}

/**
 * What a span below another one costs: begun with two attributes, its context taken for what it calls, given one attribute
 * more, and ended. OpenTelemetry's SDK is given the parent's context by hand, which is its quickest way: no
 * AsyncLocalStorage is asked. Neither side exports: a recorded span is counted.
 */
export const bench: Bench = {
  name: "trace",
  cases: [
    // Nobody traces: a library's spans in a program without a tracer.
    nanoseconds("disabled"),
    // The trace is not sampled: nine requests in ten.
    nanoseconds("unsampled"),
    // The span is recorded.
    nanoseconds("sampled"),
  ],
};
