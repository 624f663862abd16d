import { type Ctx, background } from "../../context/index.ts";
import { type EndedSpan, type Sampler, type Tracer, newTracer, withTracer } from "../index.ts";

/** Memory is a tracer whose spans a test looks at. */
export interface Memory {
  readonly spans: readonly EndedSpan[];
  readonly tracer: Tracer;
  /** ctx is one in which the tracer records. */
  readonly ctx: Ctx;
}

/** memory makes a tracer that keeps what it records: everything, unless the sampler says else. */
export function memory(sampler: Sampler = () => true): Memory {
  const spans: EndedSpan[] = [];
  const tracer = newTracer({ sampler, exporter: { export: (span) => void spans.push(span) } });
  return { spans, tracer, ctx: withTracer(background, tracer) };
}
