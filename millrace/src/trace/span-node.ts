import type { Ctx } from "../context/index.ts";
import { COMPUTED, CtxNode, nodeOf } from "../context/node.ts";
// Not through the folder's index: that would load the logger with every span.
import { logAttrs } from "../log/attrs.ts";
import { activeSpan } from "./active.ts";
import type { Span } from "./span.ts";
import { traceparent, tracestate } from "./traceparent.ts";
import { traceparentOf } from "./w3c.ts";

/** SpanNode is the context of a span: who asks it finds the span, its ids for log lines, and the headers that tell of it. */
export class SpanNode extends CtxNode {
  readonly span: Span;

  constructor(parent: Ctx, span: Span) {
    const up = nodeOf(parent);
    super(up.core, up);
    this.span = span;
  }

  static {
    Object.defineProperty(this.prototype, "key", { value: COMPUTED });
  }

  override computed(key: unknown): unknown {
    const { span } = this;
    if (key === activeSpan) return span;
    if (key === logAttrs) return { ...this.up?.get(logAttrs), ...spanAttrs(span) };
    if (key === traceparent) return traceparentOf(span);
    return key === tracestate && span.state !== "" ? span.state : undefined;
  }

  override label(): string {
    return "span";
  }
}

/** spanAttrs are the attributes of a log line in a span; the id of a span that nobody will find is left out. */
export function spanAttrs(span: Span): Readonly<Record<string, string>> {
  return span.recording ? { trace_id: span.traceId, span_id: span.spanId } : { trace_id: span.traceId };
}
