import type {
  BreakerChangedEvent,
  BreakerState,
  HedgedEvent,
  RefusedEvent,
  ResilienceHooks,
  RetriedEvent,
  WaitedEvent,
  WatchedPieces,
} from "../../resilience/index.ts";
import type { Registry } from "../index.ts";

const STATES: readonly BreakerState[] = ["closed", "open", "half_open"];
// From here on the number of attempts says no more.
const MANY_ATTEMPTS = 10;

/**
 * ResilienceMetrics are hooks that count what breakers, limiters, retries and hedges do, and from `watch` on measure where
 * they stand. name says what they protect; several with names of their own may use one registry:
 *
 *     const metrics = new ResilienceMetrics(registry, "billing");
 *     const billing = newClient({ baseUrl, resilience: metrics });
 *
 *     const breaker = new Breaker({ hooks: metrics });
 *     metrics.watch({ breakers: () => [breaker] });
 */
export class ResilienceMetrics implements ResilienceHooks {
  readonly #name: string;
  readonly #metrics: ReturnType<typeof register>;
  readonly #watched: WatchedPieces[] = [];

  constructor(registry: Registry, name: string) {
    this.#name = name;
    this.#metrics = registry.shared("resilience", () => register(registry));
  }

  /** retried is the hook. */
  retried({ attempts, outcome }: RetriedEvent): void {
    const shown = attempts < MANY_ATTEMPTS ? String(attempts) : `${MANY_ATTEMPTS}+`;
    this.#metrics.retries.labels({ name: this.#name, outcome, attempts: shown }).inc();
  }

  /** hedged is the hook. */
  hedged({ calls, won }: HedgedEvent): void {
    if (calls > 1) this.#metrics.hedges.labels({ name: this.#name }).inc(calls - 1);
    if (won > 1) this.#metrics.hedgesWon.labels({ name: this.#name }).inc();
  }

  /** breakerChanged is the hook. */
  breakerChanged({ to }: BreakerChangedEvent): void {
    this.#metrics.changes.labels({ name: this.#name, to }).inc();
  }

  /** refused is the hook. */
  refused({ by }: RefusedEvent): void {
    this.#metrics.refusals.labels({ name: this.#name, by }).inc();
  }

  /** waited is the hook. */
  waited({ by, waitMs }: WaitedEvent): void {
    this.#metrics.waits.labels({ name: this.#name, by }).observe(waitMs / 1000);
  }

  /** watch reads the states of breakers and the queues of limiters at each scrape, besides those it was given before. */
  watch(pieces: WatchedPieces): void {
    this.#watched.push(pieces);
    const name = this.#name;
    for (const state of STATES) this.#metrics.breakers.labels({ name, state }).readFrom(() => this.#breakers(state));
    for (const state of ["running", "waiting"] as const) {
      this.#metrics.calls.labels({ name, state }).readFrom(() => this.#calls(state));
    }
  }

  #breakers(state: BreakerState): number {
    const all = this.#watched.flatMap((pieces) => [...(pieces.breakers?.() ?? [])]);
    return all.filter((breaker) => breaker.state === state).length;
  }

  #calls(state: "running" | "waiting"): number {
    const all = this.#watched.flatMap((pieces) => [...(pieces.limiters?.() ?? [])]);
    return all.reduce((sum, limiter) => sum + limiter[state], 0);
  }
}

function register(registry: Registry) {
  return {
    retries: registry.counterVec("resilience_retry_calls_total", {
      help: "Calls of retry by how they ended, and after how many attempts.",
      labels: ["name", "outcome", "attempts"],
    }),
    hedges: registry.counterVec("resilience_hedges_total", {
      help: "Calls that were made beside a slow one.",
      labels: ["name"],
    }),
    hedgesWon: registry.counterVec("resilience_hedges_won_total", {
      help: "Hedged calls whose answer came from one that was made beside the first.",
      labels: ["name"],
    }),
    changes: registry.counterVec("resilience_breaker_changes_total", {
      help: "Changes of breakers to a state.",
      labels: ["name", "to"],
    }),
    breakers: registry.gaugeVec("resilience_breakers", {
      help: "Breakers by state.",
      labels: ["name", "state"],
    }),
    refusals: registry.counterVec("resilience_refused_total", {
      help: "Calls that a breaker or a limiter has not let pass.",
      labels: ["name", "by"],
    }),
    calls: registry.gaugeVec("resilience_limiter_calls", {
      help: "Calls of limiters that run and that wait.",
      labels: ["name", "state"],
    }),
    waits: registry.histogramVec("resilience_wait_seconds", {
      help: "Time that calls waited for their turn.",
      unit: "seconds",
      labels: ["name", "by"],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    }),
  };
}
