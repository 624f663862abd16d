import type { Segment, Step } from "./step.ts";

/** Strategy decides in which order a program runs. */
export interface Strategy {
  readonly name: string;
  /** step chooses which of several steps goes on: an index. If the chain that ran last can go on, it is number 0. */
  step(steps: readonly Step[], current: Segment): number;
  /** value chooses a number below n: what a select takes, which fault strikes. */
  value(n: number): number;
}

/** Random is a seeded source of numbers. Source: Marsaglia's xorshift32. */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Neighbouring seeds must not begin alike, and zero is never left.
    this.#state = Math.imul(seed | 0, 0x9e37_79b1) ^ 0x85eb_ca6b || 1;
    for (let i = 0; i < 8; i++) this.fraction();
  }

  /** fraction is from 0 up to 1. */
  fraction(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) / 2 ** 32;
  }

  /** below is a whole number below n. */
  below(n: number): number {
    return Math.trunc(this.fraction() * n);
  }
}

/** fifo runs what is ready first come, first served, and a timer when nothing else is, as the engine does. */
export const fifo: Strategy = {
  name: "fifo",
  step(steps) {
    let oldest = 0;
    for (let i = 1; i < steps.length; i++) if (comesBefore(steps[i]!, steps[oldest]!)) oldest = i;
    return oldest;
  },
  value: () => 0,
};

function comesBefore(one: Step, other: Step): boolean {
  const later = Number(one.kind === "timer") - Number(other.kind === "timer");
  return later === 0 ? one.number < other.number : later < 0;
}

/** randomWalk takes each of the steps with the same probability. */
export function randomWalk(random: Random): Strategy {
  return { name: "random", step: (steps) => random.below(steps.length), value: (n) => random.below(n) };
}

/**
 * pct gives each chain a priority by lot, runs the highest that is ready, and at depth - 1 steps by lot puts the one
 * that runs below all others: it finds every bug that needs `depth` constraints on the order with a probability of at
 * least 1 / (chains * steps^(depth - 1)), however long the program is. Source: Burckhardt et al., A Randomized
 * Scheduler with Probabilistic Guarantees of Finding Bugs, ASPLOS 2010.
 */
export function pct(random: Random, depth: number, steps: number): Strategy {
  const priorities: number[] = [];
  const changes = new Set<number>();
  for (let i = 1; i < depth; i++) changes.add(1 + random.below(Math.max(1, steps)));
  let count = 0;
  let lowest = 0;
  const priority = (step: Step): number => {
    return (priorities[step.segment.chain.id] ??= random.fraction());
  };
  const highest = (ready: readonly Step[]): number => {
    let best = 0;
    for (let i = 1; i < ready.length; i++) if (priority(ready[i]!) > priority(ready[best]!)) best = i;
    return best;
  };
  return {
    name: `pct:${depth}`,
    step(ready) {
      const best = highest(ready);
      if (!changes.has(++count)) return best;
      priorities[ready[best]!.segment.chain.id] = --lowest;
      return highest(ready);
    },
    value: (n) => random.below(n),
  };
}

/** following repeats recorded decisions, and lets go on what runs where they end or do not fit. */
export function following(decisions: readonly number[]): Strategy {
  let next = 0;
  const decide = (n: number): number => {
    const decision = decisions[next++] ?? 0;
    return decision < n ? decision : 0;
  };
  return { name: "replay", step: (steps) => decide(steps.length), value: decide };
}
