import type { Ctx } from "../context/index.ts";
import { codeOf } from "../errors/index.ts";
import { checkNumber } from "./check.ts";
import { type BreakerState, type CircuitBreaker, FAILURES, isCanceled } from "./circuit-breaker.ts";
import { type ResilienceHooks, tell } from "./hooks.ts";
import { Refused } from "./refused.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** AdaptiveBreakerOptions says how much more is asked of a callee than it accepts. */
export interface AdaptiveBreakerOptions {
  /** name is for the message and the hooks. Default: "breaker". */
  readonly name?: string;
  /** k is how many calls are let through for each that is accepted, at least 1. Default: 2. */
  readonly k?: number;
  /**
   * windowMs is how far back the calls are counted. After an outage of everything it takes some windows to let all through
   * again: the more calls, the more windows. Default: 120,000.
   */
  readonly windowMs?: number;
  /** isFailure says whether the callee did not accept a call. Default: by its code, see AdaptiveBreaker. */
  readonly isFailure?: (err: unknown) => boolean;
  /** hooks are told of refusals and of changes between "closed" and "half_open". Default: none. */
  readonly hooks?: ResilienceHooks | undefined;
}

const REQUESTS = 0;
const ACCEPTS = 1;

/**
 * AdaptiveBreaker refuses as large a part of the calls as the callee could not take anyway, by chance:
 * max(0, (requests - k * accepts) / (requests + 1)), where requests also counts what was refused here. It has no threshold
 * and no pause: it lets more through as more is accepted. It is for many calls; of few, one failure weighs much.
 *
 * Errors with the codes unknown, deadline_exceeded, internal, unavailable, data_loss and resource_exhausted are not
 * accepted; a call that its caller canceled counts for nothing. It is "half_open" while it refuses anything, never "open".
 * Source: Site Reliability Engineering, chapter 21, "Client-Side Throttling".
 */
export class AdaptiveBreaker implements CircuitBreaker {
  readonly #name: string;
  readonly #k: number;
  readonly #isFailure: (err: unknown) => boolean;
  readonly #hooks: ResilienceHooks | undefined;
  readonly #window: SlidingWindow;
  // What the hooks were told last.
  #told: BreakerState = "closed";

  constructor(options: AdaptiveBreakerOptions = {}) {
    const { name = "breaker", k = 2, windowMs = 120_000, isFailure = isOverload, hooks } = options;
    checkNumber("adaptive breaker: k", k, 1);
    checkNumber("adaptive breaker: windowMs", windowMs, 1);
    this.#name = name;
    this.#k = k;
    this.#isFailure = isFailure;
    this.#hooks = hooks;
    this.#window = new SlidingWindow(windowMs, 2);
  }

  /** refusal is the part of the calls that is refused now, 0 to less than 1. */
  get refusal(): number {
    const now = performance.now();
    const requests = this.#window.total(REQUESTS, now);
    return Math.max(0, (requests - this.#k * this.#window.total(ACCEPTS, now)) / (requests + 1));
  }

  /** state is "half_open" while calls are refused. */
  get state(): BreakerState {
    return this.refusal > 0 ? "half_open" : "closed";
  }

  /** ready says whether a call passes more likely than not. */
  get ready(): boolean {
    return this.refusal < 0.5;
  }

  /**
   * do makes a call and counts how it went. If it is not let through, it throws Refused with the code "unavailable" and
   * the reason "resilience/breaker_open".
   */
  async do<T>(ctx: Ctx, fn: (ctx: Ctx) => T | PromiseLike<T>): Promise<T> {
    ctx.throwIfDone();
    const { refusal } = this;
    if (this.#hooks !== undefined) this.#tellState(this.#hooks, refusal > 0 ? "half_open" : "closed");
    if (Math.random() < refusal) throw this.#refuse(refusal);
    try {
      const value = await fn(ctx);
      this.#count(true);
      return value;
    } catch (err) {
      if (!isCanceled(ctx, err)) this.#count(!this.#isFailure(err));
      throw err;
    }
  }

  #count(accepted: boolean): void {
    const now = performance.now();
    this.#window.add(REQUESTS, 1, now);
    if (accepted) this.#window.add(ACCEPTS, 1, now);
  }

  #refuse(refusal: number): Refused {
    this.#window.add(REQUESTS, 1);
    if (this.#hooks !== undefined) tell(this.#hooks, (hooks) => hooks.refused?.({ by: "breaker", name: this.#name }));
    const message = `${this.#name} refuses ${Math.round(refusal * 100)} % of the calls: too few of them are accepted`;
    return new Refused("breaker_open", "unavailable", message);
  }

  #tellState(hooks: ResilienceHooks, to: BreakerState): void {
    const from = this.#told;
    if (from === to) return;
    this.#told = to;
    tell(hooks, (hooks) => hooks.breakerChanged?.({ name: this.#name, from, to }));
  }
}

function isOverload(err: unknown): boolean {
  const code = codeOf(err);
  return FAILURES.has(code) || code === "resource_exhausted";
}
