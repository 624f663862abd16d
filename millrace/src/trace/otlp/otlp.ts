import {
  type CancelCtx,
  type Ctx,
  afterDone,
  background,
  sleep,
  withCancel,
  withTimeout,
  withoutCancel,
} from "../../context/index.ts";
import { orDone } from "../../context/or-done.ts";
import {
  Losses,
  type OtlpLog,
  type OtlpTargetOptions,
  type Target,
  checkWhole,
  post,
  targetOf,
} from "../../otlp/index.ts";
import { type Task, go } from "../../task/index.ts";
import type { EndedSpan, SpanExporter } from "../index.ts";
import { requestOf } from "./json.ts";

/** OtlpOptions says where spans go, and how many may wait. */
export interface OtlpOptions extends OtlpTargetOptions {
  /** maxQueue is how many spans wait at most; further ones are dropped and counted. Default: 2,048, minimum 1. */
  readonly maxQueue?: number;
  /** batchSize is how many spans are sent at once. Default: 512, minimum 1. */
  readonly batchSize?: number;
  /** delayMs is how long a span waits for others, from the first one on. Default: 5,000, minimum 0. */
  readonly delayMs?: number;
  /** attempts is how often a batch is sent at most: after 429, 502, 503, 504 and no answer. Default: 5, minimum 1. */
  readonly attempts?: number;
  /** closeTimeoutMs bounds the flush at the end. Default: 2,000, minimum 0. */
  readonly closeTimeoutMs?: number;
  /** log is told when spans are lost, and why: at most once a minute. Default: nobody. */
  readonly log?: OtlpLog;
}

/** OtlpStats are what has become of the spans. */
export interface OtlpStats {
  /** queued is how many wait, those of the batch that is being sent among them. */
  readonly queued: number;
  readonly exported: number;
  /** dropped is how many were lost: the queue was full, the collector was away or would not have them, or it was the end. */
  readonly dropped: number;
}

/**
 * openOtlp opens an exporter that sends spans to a collector by OTLP over HTTP, as JSON. Close it (`await using`) after the
 * server and before the program ends: it then sends what it still has, within closeTimeoutMs. It waits for nobody: with a
 * collector that is away, spans are dropped, and no request takes longer. ctx gives values to its log lines; its end does
 * not end the exporter, which is to tell of the shutdown too. Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export function openOtlp(ctx: Ctx, options: OtlpOptions): OtlpExporter {
  return new OtlpExporter(ctx, options);
}

/** OtlpExporter sends spans to a collector, in batches. */
export class OtlpExporter implements SpanExporter, AsyncDisposable {
  readonly #life: CancelCtx;
  readonly #target: Target;
  readonly #bounds: { readonly maxQueue: number; readonly batchSize: number; readonly delayMs: number };
  readonly #attempts: number;
  readonly #closeTimeoutMs: number;
  readonly #losses: Losses;
  #queue: EndedSpan[] = [];
  // Of the batch that is being sent.
  #sending = 0;
  #exported = 0;
  #dropped = 0;
  // There is a task while there is something to send, and none otherwise.
  #pump: Task<void> | undefined = undefined;
  #nap: CancelCtx | undefined = undefined;
  // Somebody waits for the queue to be sent.
  #hurry = false;
  #closed: Promise<void> | undefined = undefined;

  /** @internal use openOtlp */
  constructor(ctx: Ctx, options: OtlpOptions) {
    const { maxQueue = 2048, batchSize = 512, delayMs = 5000, attempts = 5, closeTimeoutMs = 2000 } = options;
    for (const [name, value] of Object.entries({ maxQueue, batchSize, attempts })) checkWhole(name, value, 1);
    for (const [name, value] of Object.entries({ delayMs, closeTimeoutMs })) checkWhole(name, value, 0);
    this.#life = withCancel(withoutCancel(ctx));
    this.#target = targetOf("traces", options);
    this.#bounds = { maxQueue, batchSize, delayMs };
    this.#attempts = attempts;
    this.#closeTimeoutMs = closeTimeoutMs;
    this.#losses = new Losses(options.log);
  }

  /** export queues a span, or drops it when the queue is full or the exporter closed. */
  export(span: EndedSpan): void {
    if (this.#closed !== undefined || this.#queue.length >= this.#bounds.maxQueue) {
      this.#lose(1, undefined);
      return;
    }
    this.#queue.push(span);
    this.#pump ??= go(this.#life, (ctx) => this.#run(ctx), { name: "trace export" });
    if (this.#queue.length >= this.#bounds.batchSize) this.#nap?.cancel();
  }

  /** stats counts. */
  stats(): OtlpStats {
    return { queued: this.#queue.length + this.#sending, exported: this.#exported, dropped: this.#dropped };
  }

  /** flush sends what is queued, and waits until it is sent or lost; ctx bounds the wait. */
  async flush(ctx: Ctx): Promise<void> {
    this.#hasten();
    if (this.#pump !== undefined) await orDone(ctx, this.#pump);
  }

  /** Sends what is queued within closeTimeoutMs; what is left then is dropped. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#hasten();
    using budget = withTimeout(background, this.#closeTimeoutMs);
    using _ = afterDone(budget, () => this.#life.cancel());
    await this.#pump;
    this.#life.cancel();
  }

  // Ends when there is nothing to send, and never throws.
  async #run(ctx: Ctx): Promise<void> {
    const { batchSize, delayMs } = this.#bounds;
    while (this.#queue.length > 0) {
      // Behind a full batch, too: a request for each handful would cost most of all.
      if (!this.#hurry && this.#queue.length < batchSize) await this.#napFor(ctx, delayMs);
      const batch = this.#queue.splice(0, batchSize);
      this.#sending = batch.length;
      await this.#send(ctx, batch);
      this.#sending = 0;
    }
    this.#hurry = false;
    this.#pump = undefined;
  }

  #hasten(): void {
    this.#hurry = this.#pump !== undefined;
    this.#nap?.cancel();
  }

  async #napFor(ctx: Ctx, ms: number): Promise<void> {
    using nap = withCancel(ctx);
    this.#nap = nap;
    try {
      await sleep(nap, ms);
    } catch {
      // Woken early, by a full batch, a flush or the end.
    }
    this.#nap = undefined;
  }

  async #send(ctx: Ctx, batch: readonly EndedSpan[]): Promise<void> {
    try {
      const body = requestOf(this.#target.resource, batch);
      const rejected = await post(ctx, this.#target, this.#attempts, body);
      const lost = Math.min(rejected, batch.length);
      this.#exported += batch.length - lost;
      if (lost > 0) this.#lose(lost, "the collector has rejected them");
    } catch (err) {
      this.#lose(batch.length, err);
    }
  }

  #lose(count: number, err: unknown): void {
    this.#dropped += count;
    const attrs = { err: err ?? "the queue is full or closed", dropped: this.#dropped };
    this.#losses.tell(this.#life, "trace: spans are lost", attrs);
  }
}
