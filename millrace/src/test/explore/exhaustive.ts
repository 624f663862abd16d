import { kit } from "./kit.ts";
import { type Watch, once, report } from "./report.ts";
import type { Body } from "./run.ts";
import type { Segment, Step } from "./step.ts";
import type { Strategy } from "./strategy.ts";

/** ExhaustiveOptions bounds an exhaustive search. */
export interface ExhaustiveOptions extends Watch {
  /** preemptions is how often a run may leave a task that could go on. @default 2 */
  readonly preemptions?: number;
  /** maxRuns ends the search before it is complete. @default 100000 */
  readonly maxRuns?: number;
}

/** Exhausted says how far a search came. */
export interface Exhausted {
  readonly runs: number;
  /** complete says that every schedule within the bound was run. */
  readonly complete: boolean;
}

/**
 * exhaustive runs a small program in every order that its awaits may resume in, with so many preemptions at most, and
 * rejects with an ExploreError as explore does. Most bugs need no more than two preemptions, and the number of orders
 * grows with steps to the power of preemptions. Source: Musuvathi and Qadeer, Iterative Context Bounding for Systematic
 * Testing of Multithreaded Programs, PLDI 2007.
 */
export async function exhaustive(body: Body, options: ExhaustiveOptions = {}): Promise<Exhausted> {
  const { preemptions = 2, maxRuns = 100_000 } = options;
  using _ = kit();
  let runs = 0;
  // The fewer preemptions the better: what needs one is not to be looked for among all with two.
  for (let bound = 0; bound <= preemptions; bound++) {
    const tree = new Tree(bound);
    do {
      if (runs === maxRuns) return { runs, complete: false };
      tree.restart();
      const run = await once(body, SEED, tree, options);
      runs++;
      if (run.fault !== undefined)
        throw await report(body, SEED, run, options, { schedule: runs, strategy: tree.name });
    } while (tree.advance());
    if (!tree.bounded) break;
  }
  return { runs, complete: true };
}

// Of the program's own randomness one course is as good as another.
const SEED = 1;

interface Branch {
  choice: number;
  readonly choices: number;
  /** costs says whether every choice but 0 is a preemption. */
  readonly costs: boolean;
}

/** Tree is the schedules of a program, walked depth first: a strategy for one run after the other. */
class Tree implements Strategy {
  readonly name = "exhaustive";
  /** bounded says whether more preemptions would make for more schedules. */
  bounded = false;
  readonly #preemptions: number;
  readonly #path: Branch[] = [];
  #depth = 0;
  #used = 0;

  constructor(preemptions: number) {
    this.#preemptions = preemptions;
  }

  restart(): void {
    this.#depth = this.#used = 0;
  }

  step(steps: readonly Step[], current: Segment): number {
    const costs = steps[0]!.segment.chain === current.chain;
    if (!costs || this.#used < this.#preemptions) return this.#branch(steps.length, costs);
    this.bounded = true;
    return this.#branch(1, costs);
  }

  value(n: number): number {
    return this.#branch(n, false);
  }

  /** advance goes to the next schedule; false if there is none. */
  advance(): boolean {
    for (let last = this.#path.at(-1); last !== undefined; last = this.#path.at(-1)) {
      if (++last.choice < last.choices) return true;
      this.#path.pop();
    }
    return false;
  }

  #branch(choices: number, costs: boolean): number {
    const branch = (this.#path[this.#depth++] ??= { choice: 0, choices, costs });
    if (branch.costs && branch.choice > 0) this.#used++;
    return branch.choice;
  }
}
