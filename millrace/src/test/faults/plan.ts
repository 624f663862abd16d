import { AsyncLocalStorage } from "node:async_hooks";
import { type CancelCtx, type CtxKey, ctxKey } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import { Random } from "../explore/strategy.ts";
import { worlds } from "../world/world.ts";

/** FAULTS is what can go wrong: it takes longer, it fails, it is broken off. */
export const FAULTS = ["delay", "reject", "abort"] as const;

/** FaultName is one of FAULTS. */
export type FaultName = (typeof FAULTS)[number];

/** PlanOptions is FaultsOptions, complete. */
export interface PlanOptions {
  readonly rate: number;
  readonly kinds: readonly FaultName[];
  readonly maxDelayMs: number;
  readonly points: (name: string) => boolean;
  readonly seed: number;
}

// So many delays are told apart: few enough for a search that tries them all.
const DELAYS = 4;

/** Plan decides where faults strike. In a world they are decisions of its run, and so replayed and shrunk with it. */
export class Plan {
  /** ctx is for how long: nothing strikes once it has ended. */
  ctx: CancelCtx | undefined = undefined;
  readonly #options: PlanOptions;
  readonly #random: Random;

  constructor(options: PlanOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
  }

  /** strike is the fault at a point that can have some of them, undefined for none: what a run does by default. */
  strike(point: string, possible: readonly FaultName[]): FaultName | undefined {
    const { kinds, rate, points } = this.#options;
    if (this.ctx === undefined || this.ctx.err !== undefined) return undefined;
    const these = possible.filter((kind) => kinds.includes(kind));
    if (these.length === 0 || !points(point)) return undefined;
    return these[this.choose(Math.max(these.length + 1, Math.round(these.length / rate))) - 1];
  }

  /** choose is a number below n. */
  choose(n: number): number {
    return worlds.getStore()?.choose(n) ?? this.#random.below(n);
  }

  /** delayMs is how long a delay is. */
  delayMs(): number {
    return Math.ceil((this.#options.maxDelayMs * (1 + this.choose(DELAYS))) / DELAYS);
  }
}

/** planKey is the plan of a context and of what is derived from it. */
export const planKey: CtxKey<Plan | undefined> = ctxKey<Plan>("test/faults");

/** plans is the plan of the running code, for what is given no context. */
export const plans: AsyncLocalStorage<Plan> = new AsyncLocalStorage<Plan>({ name: "millrace/test faults" });

/** injected is the error of a fault, or the cause of one that looks as the real one does. */
export function injected(point: string): Failure {
  return new Failure(`test: a fault injected at ${point}`, { code: "unavailable", reason: "test/fault" });
}
