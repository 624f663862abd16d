import { join } from "node:path";
import type { Bench, Case } from "../lib/bench.ts";
import { kernelCase } from "../lib/cases.ts";
import { nodeSubject } from "../lib/subject.ts";

const dir = join(import.meta.dirname, "subjects");

function nanoseconds(name: string): Case {
  const subject = (peer: string) => nodeSubject(peer, join(dir, `${name}-${peer}.ts`));
  return kernelCase({ name, unit: "ns", better: "lower", subjects: ["millrace", "prom-client"].map(subject) });
}

/**
 * What an observation costs. Where a series can be kept, each subject keeps it: of prom-client that is what its own
 * labels() gives.
 */
export const bench: Bench = {
  name: "metrics",
  cases: [
    // One more, in a series of two labels that is kept.
    nanoseconds("counter"),
    // A duration in a series of two labels that is kept: 14 buckets, and values as a service has them, 2 ms to 1 s.
    nanoseconds("histogram"),
    // The same with three labels that are looked up for each, as for a request by route, method and status.
    nanoseconds("labels"),
    // All of a scrape of 1,000 histograms, for each line.
    nanoseconds("scrape"),
  ],
};
