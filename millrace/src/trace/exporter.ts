import type { SpanAttr } from "./attr.ts";

/** SpanKind says what side of a call a span is. */
export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";

/** SpanEvent is something that happened within a span. */
export interface SpanEvent {
  readonly name: string;
  /** timeMs is when, in Unix milliseconds with their fraction. */
  readonly timeMs: number;
  readonly attrs: Readonly<Record<string, SpanAttr>>;
  readonly droppedAttrs: number;
}

/** SpanLink is another span that this one has to do with, and is no child of. */
export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: string;
  readonly state: string;
  readonly attrs: Readonly<Record<string, SpanAttr>>;
  readonly droppedAttrs: number;
}

/** EndedSpan is a span as an exporter gets it. It does not change any more, and holds no context. */
export interface EndedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** parentId is "" where the trace begins. */
  readonly parentId: string;
  /** remoteParent says that the parent is in another process. */
  readonly remoteParent: boolean;
  readonly flags: string;
  readonly state: string;
  readonly name: string;
  readonly kind: SpanKind;
  /** startMs and endMs are Unix milliseconds with their fraction. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attrs: Readonly<Record<string, SpanAttr>>;
  readonly droppedAttrs: number;
  readonly events: readonly SpanEvent[];
  readonly droppedEvents: number;
  readonly links: readonly SpanLink[];
  readonly droppedLinks: number;
  readonly status: "unset" | "ok" | "error";
  /** statusMessage says what an error was, "" for nothing. */
  readonly statusMessage: string;
}

/** SpanExporter takes spans when they end. A call must be quick and must not wait; what it throws is dropped. */
export interface SpanExporter {
  export(span: EndedSpan): void;
}
