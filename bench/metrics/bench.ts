import { join } from "node:path";
import type { Bench, Case } from "../lib/bench.ts";
import { kernelCase } from "../lib/cases.ts";
import { nodeSubject } from "../lib/subject.ts";

const dir = join(import.meta.dirname, "subjects");

function nanoseconds(name: string, peer: string): Case {
  const subject = (of: string) => nodeSubject(of, join(dir, `${name}-${of}.ts`));
  return kernelCase({ name, unit: "ns", better: "lower", subjects: ["millrace", peer].map(subject) });
}

/**
 * What an observation costs. Where a series can be kept, each subject keeps it: of prom-client that is what its own
 * labels() gives.
 */
export const bench: Bench = {
  name: "metrics",
  cases: [
    // One more, in a series of two labels that is kept.
    nanoseconds("counter", "prom-client"),
    // A duration in a series of two labels that is kept: 14 buckets, and values as a service has them, 2 ms to 1 s.
    nanoseconds("histogram", "prom-client"),
    // The same in buckets without bounds. OpenTelemetry's are an attribute set that is the same object each time.
    nanoseconds("exponential", "opentelemetry"),
    // As histogram, but with three labels that are looked up for each, as for a request by route, method and status.
    nanoseconds("labels", "prom-client"),
    // All of a scrape of 1,000 histograms, for each line.
    nanoseconds("scrape", "prom-client"),
  ],
};
