import type { Ctx } from "../context/index.ts";
import { codeOf } from "../errors/index.ts";
import { checkCount, checkNumber } from "./check.ts";
import { type BreakerState, type CircuitBreaker, FAILURES, isCanceled } from "./circuit-breaker.ts";
import { type ResilienceHooks, tell } from "./hooks.ts";
import { Refused } from "./refused.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** BreakerOptions says when a breaker opens, and for how long. */
export interface BreakerOptions {
  /** name is for the message and the hooks. Default: "breaker". */
  readonly name?: string;
  /** failureRate opens the breaker: failed calls out of all, above 0 to 1. Default: 0.5. */
  readonly failureRate?: number;
  /** slowMs is when a call counts as slow. Default: Infinity, none is. */
  readonly slowMs?: number;
  /** slowRate opens the breaker, too: slow calls out of all, above 0 to 1. Default: 0.8. */
  readonly slowRate?: number;
  /** minCalls is how many calls the window must hold before the rates mean anything. Default: 20. */
  readonly minCalls?: number;
  /** windowMs is how far back the calls are counted. Default: 10,000. */
  readonly windowMs?: number;
  /** openMs is how long an open breaker refuses all calls. Default: 5,000. */
  readonly openMs?: number;
  /** probes is how many calls pass after that, to find out; as many successes close the breaker. Default: 1. */
  readonly probes?: number;
  /** isFailure says whether an error speaks against the callee. Default: by its code, see Breaker. */
  readonly isFailure?: (err: unknown) => boolean;
  /** hooks are told of refusals and of changes of the state. Default: none. */
  readonly hooks?: ResilienceHooks | undefined;
}

const TOTAL = 0;
const FAILED = 1;
const SLOW = 2;

/**
 * Breaker stops calls to a callee that fails or has become slow, so that callers fail at once and it can recover.
 *
 * Errors with the codes unknown, deadline_exceeded, internal, unavailable and data_loss are failures. Those that are
 * the caller's fault are successes here, and a call that its caller canceled counts for nothing, as does one that began
 * before the state has changed.
 */
export class Breaker implements CircuitBreaker {
  readonly #name: string;
  readonly #options: Required<Omit<BreakerOptions, "name" | "hooks">>;
  readonly #hooks: ResilienceHooks | undefined;
  readonly #window: SlidingWindow;
  #state: BreakerState = "closed";
  // Counts the changes of the state: what began in an earlier one has no say.
  #turn = 0;
  #openUntil = 0;
  // Of the half-open state.
  #probing = 0;
  #passed = 0;

  constructor(options: BreakerOptions = {}) {
    const { name = "breaker", hooks, ...rest } = options;
    this.#name = name;
    this.#hooks = hooks;
    this.#options = { ...DEFAULTS, ...rest };
    const { failureRate, slowMs, slowRate, minCalls, windowMs, openMs, probes } = this.#options;
    checkNumber("breaker: failureRate", failureRate, Number.MIN_VALUE, 1);
    checkNumber("breaker: slowRate", slowRate, Number.MIN_VALUE, 1);
    checkNumber("breaker: slowMs", slowMs, 0);
    checkNumber("breaker: windowMs", windowMs, 1);
    checkNumber("breaker: openMs", openMs, 0);
    checkCount("breaker: minCalls", minCalls, 1);
    checkCount("breaker: probes", probes, 1);
    this.#window = new SlidingWindow(windowMs, 3);
  }

  /** state is where it stands now. */
  get state(): BreakerState {
    if (this.#state === "open" && performance.now() >= this.#openUntil) this.#change("half_open");
    return this.#state;
  }

  /** ready says whether a call would pass. */
  get ready(): boolean {
    const { state } = this;
    return state === "closed" || (state === "half_open" && this.#probing + this.#passed < this.#options.probes);
  }

  /**
   * do makes a call and counts how it went. If the breaker does not let it pass, it throws Refused with the code
   * "unavailable", the reason "resilience/breaker_open" and, in retryAfterMs, when the breaker lets somebody try again.
   */
  async do<T>(ctx: Ctx, fn: (ctx: Ctx) => T | PromiseLike<T>): Promise<T> {
    ctx.throwIfDone();
    if (!this.ready) throw this.#refuse();
    const turn = this.#turn;
    if (this.#state === "half_open") this.#probing++;
    const startedAt = performance.now();
    try {
      const value = await fn(ctx);
      this.#count(turn, false, startedAt);
      return value;
    } catch (err) {
      if (isCanceled(ctx, err)) this.#forget(turn);
      else this.#count(turn, this.#isFailure(err), startedAt);
      throw err;
    }
  }

  // A judge that throws has found nothing good, and must not keep the place of a probe.
  #isFailure(err: unknown): boolean {
    try {
      return this.#options.isFailure(err);
    } catch {
      return true;
    }
  }

  #count(turn: number, failed: boolean, startedAt: number): void {
    if (turn !== this.#turn) return;
    const now = performance.now();
    const slow = now - startedAt >= this.#options.slowMs;
    if (this.#state === "half_open") this.#probed(!failed && !slow);
    else this.#called(failed, slow, now);
  }

  // The clock is read once: that is much of what a call costs.
  #called(failed: boolean, slow: boolean, now: number): void {
    const { failureRate, slowRate, minCalls } = this.#options;
    this.#window.add(TOTAL, 1, now);
    if (failed) this.#window.add(FAILED, 1, now);
    if (slow) this.#window.add(SLOW, 1, now);
    const total = this.#window.total(TOTAL, now);
    if (total < minCalls) return;
    const failing = this.#window.total(FAILED, now) >= failureRate * total;
    if (failing || this.#window.total(SLOW, now) >= slowRate * total) this.#change("open");
  }

  #probed(good: boolean): void {
    this.#probing--;
    if (!good) this.#change("open");
    else if (++this.#passed >= this.#options.probes) this.#change("closed");
  }

  // A probe that was canceled makes room for another.
  #forget(turn: number): void {
    if (turn === this.#turn && this.#state === "half_open") this.#probing--;
  }

  #change(state: BreakerState): void {
    const from = this.#state;
    this.#state = state;
    this.#turn++;
    this.#probing = 0;
    this.#passed = 0;
    this.#window.clear();
    if (state === "open") this.#openUntil = performance.now() + this.#options.openMs;
    if (this.#hooks === undefined) return;
    tell(this.#hooks, (hooks) => hooks.breakerChanged?.({ name: this.#name, from, to: state }));
  }

  #refuse(): Refused {
    if (this.#hooks !== undefined) tell(this.#hooks, (hooks) => hooks.refused?.({ by: "breaker", name: this.#name }));
    const waitMs = this.#state === "open" ? Math.ceil(this.#openUntil - performance.now()) : undefined;
    const until = waitMs === undefined ? "others are finding out whether it works again" : `for another ${waitMs} ms`;
    return new Refused("breaker_open", "unavailable", `${this.#name} is open: ${until}`, waitMs);
  }
}

const DEFAULTS = {
  failureRate: 0.5,
  slowMs: Infinity,
  slowRate: 0.8,
  minCalls: 20,
  windowMs: 10_000,
  openMs: 5000,
  probes: 1,
  isFailure: (err: unknown): boolean => FAILURES.has(codeOf(err)),
};
