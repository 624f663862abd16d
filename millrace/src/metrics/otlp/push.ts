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
  millisOf,
  post,
  targetOf,
} from "../../otlp/index.ts";
import { type Task, go } from "../../task/index.ts";
import type { Registry } from "../index.ts";
import { requestsOf } from "./json.ts";

/** PushOptions says where metrics go, and how often. */
export interface PushOptions extends OtlpTargetOptions {
  /** intervalMs is the time between two pushes; one that is not done by then is given up. Default: env's, else 60,000; minimum 1. */
  readonly intervalMs?: number;
  /** attempts is how often a request is sent at most: after 429, 502, 503, 504 and no answer. Default: 5, minimum 1. */
  readonly attempts?: number;
  /** closeTimeoutMs bounds the push at the end. Default: 2,000, minimum 0. */
  readonly closeTimeoutMs?: number;
  /** log is told of pushes that fail, and why: at most once a minute. Default: nobody. */
  readonly log?: OtlpLog;
}

/** PushStats are what has become of the pushes. */
export interface PushStats {
  /** pushed is how many have arrived in full. */
  readonly pushed: number;
  /** failed is how many have not: the next one brings the counts up to date, but not how they came about. */
  readonly failed: number;
}

/**
 * openPush sends all metrics of a registry to a collector at each interval, by OTLP over HTTP, as JSON, as sums since the
 * process began. Close it (`await using`) after the server and before the program ends: it then sends the last state,
 * within closeTimeoutMs. It holds no queue: a collector that is away is sent the newest state when it is back. ctx gives
 * values to its log lines; its end does not end the pushes, which are to tell of the shutdown too.
 * Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export function openPush(ctx: Ctx, registry: Registry, options: PushOptions): MetricsPush {
  return new MetricsPush(ctx, registry, options);
}

/** MetricsPush sends metrics to a collector, at each interval and when it is closed. */
export class MetricsPush implements AsyncDisposable {
  readonly #life: CancelCtx;
  readonly #registry: Registry;
  readonly #target: Target;
  readonly #intervalMs: number;
  readonly #attempts: number;
  readonly #closeTimeoutMs: number;
  readonly #losses: Losses;
  readonly #ticks: Task<void>;
  #pushed = 0;
  #failed = 0;
  // One runs, and one waits for it at most: who asks while it waits is given that one.
  #running: Task<void> | undefined = undefined;
  #waiting: Task<void> | undefined = undefined;
  #closed: Promise<void> | undefined = undefined;

  /** @internal use openPush */
  constructor(ctx: Ctx, registry: Registry, options: PushOptions) {
    const { attempts = 5, closeTimeoutMs = 2000 } = options;
    const { intervalMs = millisOf(options.env?.["OTEL_METRIC_EXPORT_INTERVAL"]) ?? 60_000 } = options;
    for (const [name, value] of Object.entries({ intervalMs, attempts })) checkWhole(name, value, 1);
    checkWhole("closeTimeoutMs", closeTimeoutMs, 0);
    this.#target = targetOf("metrics", options);
    this.#life = withCancel(withoutCancel(ctx));
    this.#registry = registry;
    this.#intervalMs = intervalMs;
    this.#attempts = attempts;
    this.#closeTimeoutMs = closeTimeoutMs;
    this.#losses = new Losses(options.log);
    this.#ticks = go(this.#life, (ctx) => this.#tick(ctx), { name: "metrics push, its intervals" });
  }

  /** stats counts. */
  stats(): PushStats {
    return { pushed: this.#pushed, failed: this.#failed };
  }

  /** flush sends the metrics as they are now, and waits until they are sent or that has failed; ctx bounds the wait. */
  async flush(ctx: Ctx): Promise<void> {
    if (this.#closed === undefined) await orDone(ctx, this.#push());
  }

  /** Sends the last state within closeTimeoutMs. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#ticks.cancel();
    using budget = withTimeout(background, this.#closeTimeoutMs);
    using _ = afterDone(budget, () => this.#life.cancel());
    await this.#push();
    await this.#ticks;
    this.#life.cancel();
  }

  async #tick(ctx: Ctx): Promise<void> {
    try {
      for (;;) {
        await sleep(ctx, this.#intervalMs);
        await orDone(ctx, this.#push());
      }
    } catch {
      // It is closed: a push itself does not throw.
    }
  }

  #push(): Task<void> {
    return (this.#waiting ??= go(this.#life, (ctx) => this.#turn(ctx), { name: "metrics push" }));
  }

  async #turn(ctx: Ctx): Promise<void> {
    await this.#running;
    this.#running = this.#waiting;
    this.#waiting = undefined;
    try {
      await this.#send(ctx);
      this.#pushed++;
    } catch (err) {
      this.#failed++;
      this.#losses.tell(this.#life, "metrics: a push has failed", { err, failed: this.#failed });
    }
  }

  async #send(ctx: Ctx): Promise<void> {
    // When the next one is due, this one is out of date.
    using bounded = withTimeout(ctx, this.#intervalMs);
    let rejected = 0;
    for (const { text } of requestsOf(this.#target.resource, this.#registry)) {
      rejected += await post(bounded, this.#target, this.#attempts, Buffer.from(text));
    }
    if (rejected > 0) throw new Error(`metrics: the collector has rejected ${rejected} points`);
  }
}
