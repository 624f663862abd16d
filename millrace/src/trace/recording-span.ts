import type { Ctx } from "../context/index.ts";
import { Failure, as, codeOf } from "../errors/index.ts";
import type { SpanAttr, SpanAttrs } from "./attr.ts";
import type { Span } from "./span.ts";
import { SpanNode } from "./span-node.ts";
import type { SpanRecord } from "./span-record.ts";
import type { Trace } from "./w3c.ts";
import type { Tracer } from "./tracer.ts";

/** RecordingSpan is a span that is recorded. */
export class RecordingSpan implements Span {
  readonly tracer: Tracer;
  readonly #record: SpanRecord;
  readonly #parent: Ctx;
  #own: Ctx | undefined;
  #ended = false;

  /** own is the context if there already is one that tells of this span; else it is derived from parent when it is asked for. */
  constructor(tracer: Tracer, record: SpanRecord, parent: Ctx, own?: Ctx) {
    this.tracer = tracer;
    this.#record = record;
    this.#parent = parent;
    this.#own = own;
  }

  get ctx(): Ctx {
    return (this.#own ??= new SpanNode(this.#parent, this));
  }

  get recording(): boolean {
    return true;
  }

  get traceId(): string {
    return this.#record.traceId;
  }

  get spanId(): string {
    return this.#record.spanId;
  }

  get parentId(): string {
    return this.#record.parentId;
  }

  get flags(): string {
    return this.#record.flags;
  }

  get state(): string {
    return this.#record.state;
  }

  set(name: string, value: SpanAttr | undefined): this {
    if (!this.#ended) this.#record.bag.set(name, value);
    return this;
  }

  rename(name: string): this {
    if (!this.#ended) this.#record.name = name;
    return this;
  }

  event(name: string, attrs?: SpanAttrs, timeMs: number = this.tracer.now()): this {
    if (!this.#ended) this.#record.addEvent(name, timeMs, attrs);
    return this;
  }

  link(to: Trace, attrs?: SpanAttrs): this {
    if (!this.#ended) this.#record.addLink(to, attrs);
    return this;
  }

  fail(err: unknown): this {
    if (this.#ended) return this;
    const type = err instanceof Error ? err.name : typeof err;
    const message = err instanceof Error ? err.message : String(err);
    // Source: https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/
    this.event("exception", {
      "exception.type": type,
      "exception.message": message,
      "exception.stacktrace": err instanceof Error ? err.stack : undefined,
    });
    this.set("error.type", as(err, Failure)?.reason ?? type);
    if (codeOf(err) !== "canceled") this.mark("error", message);
    return this;
  }

  mark(status: "ok" | "error", message = ""): this {
    if (this.#ended || this.#record.status === "ok") return this;
    this.#record.status = status;
    this.#record.statusMessage = status === "error" ? message.slice(0, 4096) : "";
    return this;
  }

  end(): void {
    this.endAt(this.tracer.now());
  }

  /** endAt ends it at a time of day, for one who knows better than now. */
  endAt(timeMs: number): void {
    if (this.#ended) return;
    this.#ended = true;
    // Not before its start, whatever was said of that.
    this.#record.endMs = Math.max(this.#record.startMs, timeMs);
    this.tracer.export(this.#record);
  }

  [Symbol.dispose](): void {
    this.end();
  }
}
