import { join } from "node:path";
import type { Bench, Case, Command, Subject } from "../lib/bench.ts";
import { cpuCase, kernelCase } from "../lib/cases.ts";
import { nodeSubject } from "../lib/subject.ts";
import { type Collector, startCollector } from "./collector.ts";

const file = (name: string): string => join(import.meta.dirname, name);
const kernel = (name: string, subjects: readonly Subject[]): Case =>
  kernelCase({ name, unit: "ns", better: "lower", subjects });
const spans = (name: string, kind: string): Case =>
  kernel(
    name,
    ["millrace", "opentelemetry"].map((peer) =>
      nodeSubject(peer, file(`../trace/subjects/${peer}.ts`), { CASE: kind }),
    ),
  );

let collector: Promise<Collector> | undefined;

function served(name: string, ...parts: string[]): Subject {
  return {
    name,
    async prepare() {
      const { url } = await (collector ??= startCollector());
      const env = { PARTS: parts.join(" "), COLLECTOR: url };
      return await nodeSubject(name, file("server.ts"), env).prepare();
    },
  };
}

// A tenth of the requests must have reached the collector, in batches of 512.
function collected(one: Case): Case {
  return {
    ...one,
    async measure(command: Command) {
      const before = (await collector)?.batches ?? 0;
      const value = await one.measure(command);
      const batches = ((await collector)?.batches ?? 0) - before;
      const want = command.env?.["PARTS"]?.includes("tracing-10") === true ? 20 : 0;
      if (batches < want) throw new Error(`the collector has got ${batches} batches, want ${want}`);
      return value;
    },
  };
}

const EVERYTHING = ["tracing-10", "access-log", "metrics", "health"];
const BESIDE = ["request-id", "current", "stalls"];

/**
 * What a service that can be operated costs: the same small answer from a server with everything on, from one with
 * nothing, and from one with each part alone; "millrace-and-more" also has what the storefront has on beside. Then each
 * part's own piece of work, beside its peers. Budgets: everything 4 µs of a request, a metric 20 ns, a line that is not
 * logged and a span that is not recorded 50 ns each. The first is not quite kept: more than half of it is tracing, of which
 * half is to export the spans, and a third is the access line.
 */
export const bench: Bench = {
  name: "service",
  cases: [
    collected(
      cpuCase({
        name: "everything-on",
        path: "/users/42",
        body: '{"id":"42","name":"John"}',
        subjects: [
          served("millrace", ...EVERYTHING),
          served("bare"),
          served("millrace-and-more", ...EVERYTHING, ...BESIDE),
          ...[...EVERYTHING, ...BESIDE].map((part) => served(part, part)),
        ],
      }),
    ),
    // A duration in a series of two labels that is kept; OpenTelemetry has no series to keep, and looks it up.
    kernel("metric-observation", [
      nodeSubject("millrace", file("../metrics/subjects/histogram-millrace.ts")),
      nodeSubject("prom-client", file("../metrics/subjects/histogram-prom-client.ts")),
      nodeSubject("opentelemetry", file("subjects/metric-opentelemetry.ts")),
    ]),
    // A line with five values and a request's id; the access log's own line has ten.
    kernel("log-line", [
      nodeSubject("millrace", file("subjects/log-millrace.ts"), { CASE: "line" }),
      nodeSubject("access-log", file("subjects/access-line.ts")),
      nodeSubject("pino", file("subjects/log-pino.ts"), { CASE: "line" }),
    ]),
    // The same at a level that is not written.
    kernel("log-disabled", [
      nodeSubject("millrace", file("subjects/log-millrace.ts"), { CASE: "disabled" }),
      nodeSubject("pino", file("subjects/log-pino.ts"), { CASE: "disabled" }),
    ]),
    // As in bench/trace.
    spans("span-unsampled", "unsampled"),
    spans("span-sampled", "sampled"),
  ],
};
