import { AttrBag, type SpanAttr, type SpanAttrs } from "./attr.ts";
import type { EndedSpan, SpanEvent, SpanKind, SpanLink } from "./exporter.ts";
import type { Trace } from "./w3c.ts";

// As OpenTelemetry's SDKs have it by default.
const MAX_EVENTS = 128;
const MAX_LINKS = 128;

/** SpanRecord is what is kept of a span until it has been exported: no context, so that a queue holds no requests. */
export class SpanRecord implements EndedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly remoteParent: boolean;
  readonly flags: string;
  readonly state: string;
  readonly kind: SpanKind;
  readonly startMs: number;
  name: string;
  endMs = 0;
  status: "unset" | "ok" | "error" = "unset";
  statusMessage = "";
  readonly bag: AttrBag = new AttrBag();
  events: SpanEvent[] = NO_EVENTS;
  links: SpanLink[] = NO_LINKS;
  droppedEvents = 0;
  droppedLinks = 0;

  constructor(trace: Trace, remoteParent: boolean, name: string, kind: SpanKind, startMs: number) {
    this.traceId = trace.traceId;
    this.spanId = trace.spanId;
    this.parentId = trace.parentId;
    this.remoteParent = remoteParent;
    this.flags = trace.flags;
    this.state = trace.state;
    this.name = name;
    this.kind = kind;
    this.startMs = startMs;
  }

  get attrs(): Readonly<Record<string, SpanAttr>> {
    return this.bag.values;
  }

  get droppedAttrs(): number {
    return this.bag.dropped;
  }

  addEvent(name: string, timeMs: number, attrs: SpanAttrs | undefined): void {
    if (this.events.length >= MAX_EVENTS) {
      this.droppedEvents++;
      return;
    }
    if (this.events === NO_EVENTS) this.events = [];
    const { values, dropped } = new AttrBag().add(attrs);
    this.events.push({ name, timeMs, attrs: values, droppedAttrs: dropped });
  }

  addLink({ traceId, spanId, flags, state }: Trace, attrs: SpanAttrs | undefined): void {
    if (this.links.length >= MAX_LINKS) {
      this.droppedLinks++;
      return;
    }
    if (this.links === NO_LINKS) this.links = [];
    const { values, dropped } = new AttrBag().add(attrs);
    this.links.push({ traceId, spanId, flags, state, attrs: values, droppedAttrs: dropped });
  }
}

// Shared by all spans without any, and never changed.
const NO_EVENTS: SpanEvent[] = [];
const NO_LINKS: SpanLink[] = [];
