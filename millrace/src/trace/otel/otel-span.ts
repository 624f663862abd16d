import {
  type AttributeValue,
  type Attributes,
  type Exception,
  INVALID_SPAN_CONTEXT,
  type Link,
  type Span as ApiSpan,
  type SpanContext,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
  createTraceState,
} from "@opentelemetry/api";
import type { Span, SpanAttr, Trace } from "../index.ts";
import { RecordingSpan } from "../recording-span.ts";
import { unixMs } from "./time.ts";

/** OtelSpan is a span of ours as OpenTelemetry's API knows it. */
export class OtelSpan implements ApiSpan {
  readonly span: Span;
  #context: SpanContext | undefined;

  constructor(span: Span) {
    this.span = span;
  }

  spanContext(): SpanContext {
    return (this.#context ??= contextOf(this.span));
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.span.set(key, attrOf(value));
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const [key, value] of Object.entries(attributes)) this.setAttribute(key, value);
    return this;
  }

  addEvent(name: string, second?: Attributes | TimeInput, third?: TimeInput): this {
    const isTime = typeof second === "number" || second instanceof Date || Array.isArray(second);
    const time = isTime ? second : third;
    const { span } = this;
    if (!(span instanceof RecordingSpan)) return this;
    const attrs = isTime || second === undefined ? undefined : attrsOf(second);
    span.event(name, attrs, time === undefined ? undefined : unixMs(time));
    return this;
  }

  addLink({ context, attributes }: Link): this {
    this.span.link(traceOfContext(context), attrsOf(attributes ?? {}));
    return this;
  }

  addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  setStatus({ code, message }: SpanStatus): this {
    // To unset a status does nothing.
    if (code === SpanStatusCode.OK) this.span.mark("ok");
    else if (code === SpanStatusCode.ERROR) this.span.mark("error", message);
    return this;
  }

  updateName(name: string): this {
    this.span.rename(name);
    return this;
  }

  end(endTime?: TimeInput): void {
    if (endTime !== undefined && this.span instanceof RecordingSpan) this.span.endAt(unixMs(endTime));
    else this.span.end();
  }

  isRecording(): boolean {
    return this.span.recording;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const thrown: Thrown = typeof exception === "string" ? { message: exception } : exception;
    const { name, code, message, stack } = thrown;
    const attrs = {
      "exception.type": name ?? (code === undefined ? "Error" : String(code)),
      "exception.message": message ?? "",
      ...(stack !== undefined && { "exception.stacktrace": stack }),
    };
    this.addEvent("exception", attrs, time);
  }
}

interface Thrown {
  readonly name?: string | undefined;
  readonly code?: string | number | undefined;
  readonly message?: string | undefined;
  readonly stack?: string | undefined;
}

/** traceOfContext is what the API knows of a span, as we know it. */
export function traceOfContext({ traceId, spanId, traceFlags, traceState }: SpanContext): Trace {
  return { traceId, spanId, parentId: "", flags: `0${traceFlags & 3}`, state: traceState?.serialize() ?? "" };
}

function contextOf({ traceId, spanId, flags, state }: Span): SpanContext {
  if (traceId === "") return INVALID_SPAN_CONTEXT;
  const base = { traceId, spanId, traceFlags: Number(flags) & 1 };
  return state === "" ? base : { ...base, traceState: createTraceState(state) };
}

/** attrsOf are attributes as we have them: what we have no type for becomes JSON. */
export function attrsOf(attributes: Attributes): Record<string, SpanAttr | undefined> {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, attrOf(value)]));
}

function attrOf(value: unknown): SpanAttr | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return String(value);
  const list = Array.isArray(value) && value.every((one) => typeof one === typeof value[0] && typeof one !== "object");
  // All of one simple type, as has just been seen.
  if (list) return value as string[];
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
