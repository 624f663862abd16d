import {
  type Span as ApiSpan,
  type SpanOptions as ApiSpanOptions,
  type Tracer as ApiTracer,
  type Context,
  INVALID_SPAN_CONTEXT,
  context as contexts,
  isSpanContextValid,
  trace,
} from "@opentelemetry/api";
import { type Ctx, background, withValue } from "../../context/index.ts";
import {
  type SpanKind,
  type SpanOptions,
  type Tracer,
  startSpan,
  traceparent,
  tracestate,
  withTracer,
} from "../index.ts";
import { traceparentOf } from "../w3c.ts";
import { OtelSpan, attrsOf, traceOfContext } from "./otel-span.ts";
import { unixMs } from "./time.ts";

// By SpanKind's number.
const KINDS: readonly SpanKind[] = ["internal", "server", "client", "producer", "consumer"];
// Set by OpenTelemetry's own packages around what must not be traced, such as an exporter's requests.
const SUPPRESSED = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

/** OtelTracer makes spans of ours for a library that knows OpenTelemetry's API alone. */
export class OtelTracer implements ApiTracer {
  readonly #root: Ctx;
  readonly #scope: string;

  constructor(tracer: Tracer, scope: string) {
    this.#root = withTracer(background, tracer);
    this.#scope = scope;
  }

  startSpan(name: string, options: ApiSpanOptions = {}, context: Context = contexts.active()): ApiSpan {
    if (context.getValue(SUPPRESSED) === true) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const span = startSpan(this.#below(options.root === true ? undefined : trace.getSpan(context)), name, {
      kind: KINDS[options.kind ?? 0] ?? "internal",
      ...timeOf(options),
    });
    const face = new OtelSpan(span);
    if (!span.recording) return face;
    span.set("otel.scope.name", this.#scope);
    for (const [key, value] of Object.entries(attrsOf(options.attributes ?? {}))) span.set(key, value);
    return face.addLinks(options.links ?? []);
  }

  startActiveSpan<F extends (span: ApiSpan) => unknown>(name: string, ...rest: readonly unknown[]): ReturnType<F> {
    // The three forms of the API: fn, options and fn, options and context and fn.
    const fn = rest.at(-1) as F;
    const options = rest.length > 1 ? (rest[0] as ApiSpanOptions) : {};
    const parent = rest.length > 2 ? (rest[1] as Context) : contexts.active();
    const span = this.startSpan(name, options, parent);
    return contexts.with(trace.setSpan(parent, span), () => fn(span) as ReturnType<F>);
  }

  // The context in which a child of a span is started.
  #below(parent: ApiSpan | undefined): Ctx {
    if (parent instanceof OtelSpan) return parent.span.ctx;
    const remote = parent?.spanContext();
    if (remote === undefined || !isSpanContextValid(remote)) return this.#root;
    const told = traceOfContext(remote);
    const ctx = withValue(this.#root, traceparent, traceparentOf(told));
    return told.state === "" ? ctx : withValue(ctx, tracestate, told.state);
  }
}

function timeOf({ startTime }: ApiSpanOptions): SpanOptions {
  return startTime === undefined ? {} : { startedAt: unixMs(startTime) - performance.timeOrigin };
}
