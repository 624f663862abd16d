import type { Ctx } from "../context/index.ts";
import type { Span } from "./span.ts";
import { SpanNode } from "./span-node.ts";
import type { Trace } from "./w3c.ts";

/** NOWHERE is the trace of work that nobody traces. */
export const NOWHERE: Trace = { traceId: "", spanId: "", parentId: "", flags: "00", state: "" };

/** UnsampledSpan is a span that is not recorded. It is one small object, and its trace is that of the nearest root. */
export class UnsampledSpan implements Span {
  readonly #trace: Trace;
  readonly #ctx: Ctx;

  constructor(ctx: Ctx, trace: Trace) {
    this.#ctx = ctx;
    this.#trace = trace;
  }

  /** root is the first one of a trace that begins here; its context tells those below that the matter is decided. */
  static root(ctx: Ctx, trace: Trace): UnsampledSpan {
    return new UnsampledSpan(new SpanNode(ctx, new UnsampledSpan(ctx, trace)), trace);
  }

  get recording(): boolean {
    return false;
  }

  get ctx(): Ctx {
    return this.#ctx;
  }

  get traceId(): string {
    return this.#trace.traceId;
  }

  get spanId(): string {
    return this.#trace.spanId;
  }

  get parentId(): string {
    return this.#trace.parentId;
  }

  get flags(): string {
    return this.#trace.flags;
  }

  get state(): string {
    return this.#trace.state;
  }

  set(): this {
    return this;
  }

  rename(): this {
    return this;
  }

  event(): this {
    return this;
  }

  link(): this {
    return this;
  }

  fail(): this {
    return this;
  }

  mark(): this {
    return this;
  }

  end(): void {}

  [Symbol.dispose](): void {}
}
