import { kit } from "./kit.ts";
import { type Replay, decode } from "./replay.ts";
import { ExploreError, type Watch, once, report } from "./report.ts";
import type { Body } from "./run.ts";
import { type Strategy, Random, fifo, following, pct, randomWalk } from "./strategy.ts";

/** StrategyName names a way to choose schedules: see Strategy. */
export type StrategyName = "fifo" | "random" | `pct:${number}`;

/** ExploreOptions bounds an exploration. */
export interface ExploreOptions extends Watch {
  /** seed makes the exploration repeat. Default: MILLRACE_SEED in the environment, else 1. */
  readonly seed?: number;
  /** runs is how many schedules are tried. @default 1000 */
  readonly runs?: number;
  /** strategies take turns, after one run in the engine's own order. @default ["random", "pct:2", "pct:3", "pct:4"] */
  readonly strategies?: readonly StrategyName[];
  /** timeMs ends the exploration early, between two runs. @default Infinity */
  readonly timeMs?: number;
  /** replay repeats one run, as a failure has printed it. Default: MILLRACE_REPLAY in the environment. */
  readonly replay?: string;
}

/** Explored says what was tried. */
export interface Explored {
  readonly runs: number;
  readonly steps: number;
}

// A race that was predicted is seen to happen within so many other schedules, or it is none.
const WITNESS_RUNS = 100;

const PORTFOLIO: readonly StrategyName[] = ["random", "pct:2", "pct:3", "pct:4"];

/**
 * explore runs a program again and again, each time in another order of what its awaits may legally resume in, and
 * rejects with an ExploreError for the first order in which it fails: it throws, a promise is rejected and nobody
 * handles it, it deadlocks, or leaves an await waiting for ever. Time is virtual. The failing order is shrunk, told as
 * the few switches that matter, and can be replayed.
 *
 * The program must start from nothing in each run, and do no real I/O. It is run in this process, by the event loop.
 */
export async function explore(body: Body, options: ExploreOptions = {}): Promise<Explored> {
  const { runs = 1000, strategies = PORTFOLIO, timeMs = Infinity } = options;
  const seed = options.seed ?? Number(process.env["MILLRACE_SEED"] ?? 1);
  const replay = options.replay ?? process.env["MILLRACE_REPLAY"];
  using _ = kit();
  if (replay !== undefined) return await repeat(body, decode(replay), options);
  const until = performance.now() + timeMs;
  let steps = 0;
  let longest = 10;
  let schedule = 0;
  let predicted: (() => Promise<Error>) | undefined;
  while (schedule < runs && performance.now() < until) {
    const strategy = schedule === 0 ? "fifo" : strategies[(schedule - 1) % strategies.length]!;
    const own = mixed(seed, schedule);
    // Other randomness than the program's: the two would go the same way.
    const run = await once(body, own, strategyOf(strategy, new Random(~own), longest), options);
    schedule++;
    steps += run.steps;
    longest = Math.max(longest, run.steps);
    if (run.fault === undefined) continue;
    const found = { schedule, strategy };
    const telling = (): Promise<Error> => report(body, own, run, options, found);
    if (run.fault.happened || options.races === "strict") throw await telling();
    predicted ??= telling;
  }
  // Nobody has seen it happen: something that the kit does not know keeps the two apart, if there was time to see it.
  if (predicted !== undefined && schedule <= WITNESS_RUNS) throw await predicted();
  return { runs: schedule, steps };
}

async function repeat(body: Body, replay: Replay, options: ExploreOptions): Promise<Explored> {
  const run = await once(body, replay.seed, following(replay.decisions), options, true);
  if (run.fault !== undefined) throw new ExploreError(run, replay, { schedule: 1, strategy: "replay" });
  return { runs: 1, steps: run.steps };
}

function strategyOf(name: StrategyName, random: Random, steps: number): Strategy {
  if (name === "fifo") return fifo;
  if (name === "random") return randomWalk(random);
  const depth = Number(name.slice("pct:".length));
  if (!Number.isInteger(depth) || depth < 1) throw new RangeError(`test: explore: not a strategy: ${name}`);
  return pct(random, depth, steps);
}

function mixed(seed: number, schedule: number): number {
  return (Math.imul(seed, 0x9e37_79b1) + Math.imul(schedule, 0x85eb_ca6b)) >>> 0;
}
