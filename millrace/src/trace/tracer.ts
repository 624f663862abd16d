import { type Ctx, type CtxKey, ctxKey, withValue } from "../context/index.ts";
import type { SpanAttrs } from "./attr.ts";
import type { EndedSpan, SpanExporter, SpanKind } from "./exporter.ts";
import { RecordingSpan } from "./recording-span.ts";
import { type Sampler, parentBased, ratio } from "./sampler.ts";
import type { Span } from "./span.ts";
import { SpanRecord } from "./span-record.ts";
import { tracestate, traceparent } from "./traceparent.ts";
import { UnsampledSpan } from "./unsampled-span.ts";
import { RandomIds, type Trace, traceOf } from "./w3c.ts";

/** TracerOptions says what is recorded, and where it goes. */
export interface TracerOptions {
  /** exporter takes the spans that have ended; whoever has opened it closes it. */
  readonly exporter: SpanExporter;
  /** sampler decides which traces are recorded. Default: as the caller does, and a tenth of those that begin here. */
  readonly sampler?: Sampler;
}

/** SpanOptions says more about a span at its start. */
export interface SpanOptions {
  /** kind is the side of a call. Default: "internal". */
  readonly kind?: SpanKind;
  readonly attrs?: SpanAttrs;
  /** links are spans of other traces that this one has to do with, such as those of the messages of a batch. */
  readonly links?: readonly Trace[];
  /** startedAt is when it began, on the clock of performance.now(), for a span that is told of afterwards. Default: now. */
  readonly startedAt?: number;
}

/** tracerKey is the key under which a context carries who records its traces. */
export const tracerKey: CtxKey<Tracer | undefined> = ctxKey<Tracer>("millrace/trace.tracer");

/** withTracer derives a context in which spans begin traces of this tracer: the application's, or a test's. */
export function withTracer(ctx: Ctx, tracer: Tracer): Ctx {
  return withValue(ctx, tracerKey, tracer);
}

/** newTracer makes a tracer. It does nothing by itself, and needs no closing. */
export function newTracer(options: TracerOptions): Tracer {
  return new Tracer(options);
}

// A wall clock that was set is followed when it is this far away; less is the noise of reading two clocks.
const DRIFT_MS = 50;

/** Tracer decides which traces are recorded, and gives their spans to an exporter. */
export class Tracer {
  readonly #exporter: SpanExporter;
  readonly #sampler: Sampler;
  readonly #ids: RandomIds = new RandomIds();
  // What is added to performance.now() to get the time of day.
  #originMs: number = performance.timeOrigin;

  /** @internal use newTracer */
  constructor({ exporter, sampler = parentBased(ratio(0.1)) }: TracerOptions) {
    this.#exporter = exporter;
    this.#sampler = sampler;
  }

  /**
   * join makes the span of a request that is a trace's place: the ids are the trace's own. own is the context that
   * will tell of it. @internal for the edges
   */
  join(own: Ctx, trace: Trace, name: string, options: SpanOptions): Span {
    const began = this.#decide(trace);
    return isSampled(began)
      ? this.#record(own, began, began.parentId !== "", name, options, own)
      : new UnsampledSpan(own, began);
  }

  /** begin makes the first span of a trace in this process, of the trace that the context tells of if it does. @internal */
  begin(ctx: Ctx, name: string, options: SpanOptions): Span {
    const trace = this.#decide(traceOf(ctx.get(traceparent), ctx.get(tracestate), this.#ids));
    return isSampled(trace)
      ? this.#record(ctx, trace, trace.parentId !== "", name, options)
      : UnsampledSpan.root(ctx, trace);
  }

  /** child makes a span below one that is recorded. @internal */
  child(ctx: Ctx, parent: Trace, name: string, options: SpanOptions): Span {
    const { traceId, spanId: parentId, flags, state } = parent;
    return this.#record(ctx, { traceId, spanId: this.#ids.hex(16), parentId, flags, state }, false, name, options);
  }

  /** now is the time of day in milliseconds, with the fraction that Date.now() lacks. @internal */
  now(): number {
    return performance.now() + this.#originMs;
  }

  /** export gives a span that has ended to the exporter. @internal */
  export(span: EndedSpan): void {
    try {
      this.#exporter.export(span);
    } catch {
      // A broken exporter must not break what it watches.
    }
  }

  #decide(trace: Trace): Trace {
    const parent = trace.parentId === "" ? undefined : isSampled(trace);
    const sampled = this.#sampler(trace.traceId, parent);
    return sampled === isSampled(trace) ? trace : { ...trace, flags: flagsOf(trace, sampled) };
  }

  #record(ctx: Ctx, trace: Trace, remote: boolean, name: string, options: SpanOptions, own?: Ctx): Span {
    const { kind = "internal", attrs, links, startedAt = performance.now() } = options;
    // Within a trace the clock goes evenly.
    if (trace.parentId === "" || remote) this.#follow();
    const record = new SpanRecord(trace, remote, name, kind, startedAt + this.#originMs);
    record.bag.add(attrs);
    if (links !== undefined) for (const link of links) record.addLink(link, undefined);
    return new RecordingSpan(this, record, ctx, own);
  }

  #follow(): void {
    const now = Date.now() - performance.now();
    if (Math.abs(now - this.#originMs) > DRIFT_MS) this.#originMs = now;
  }
}

// Source: https://www.w3.org/TR/trace-context/#sampled-flag
function isSampled({ flags }: Trace): boolean {
  return (flags.charCodeAt(1) & 1) === 1;
}

// Of the flags two are known, as w3c.ts says.
function flagsOf({ flags }: Trace, sampled: boolean): string {
  return `0${(Number(flags) & ~1) | (sampled ? 1 : 0)}`;
}
