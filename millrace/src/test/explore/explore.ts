import { execute } from "./execute.ts";
import type { Fault, FaultKind } from "./fault.ts";
import { kit } from "./kit.ts";
import { type Replay, decode, encode } from "./replay.ts";
import { type Body, Run } from "./run.ts";
import { forced, shrink } from "./shrink.ts";
import { type Strategy, Random, fifo, following, pct, randomWalk } from "./strategy.ts";
import { tell } from "./story.ts";

/** StrategyName names a way to choose schedules: see Strategy. */
export type StrategyName = "fifo" | "random" | `pct:${number}`;

/** ExploreOptions bounds an exploration. */
export interface ExploreOptions {
  /** seed makes the exploration repeat. Default: MILLRACE_SEED in the environment, else 1. */
  readonly seed?: number;
  /** runs is how many schedules are tried. @default 1000 */
  readonly runs?: number;
  /** strategies take turns, after one run in the engine's own order. @default ["random", "pct:2", "pct:3", "pct:4"] */
  readonly strategies?: readonly StrategyName[];
  /** leaks says whether an await that is left waiting when everything has ended is a failure. @default true */
  readonly leaks?: boolean;
  /** timeMs ends the exploration early, between two runs. @default Infinity */
  readonly timeMs?: number;
  /** maxSteps ends a run that goes on for ever, as a failure. @default 10000 */
  readonly maxSteps?: number;
  /** replay repeats one run, as a failure has printed it. Default: MILLRACE_REPLAY in the environment. */
  readonly replay?: string;
}

/** Explored says what was tried. */
export interface Explored {
  readonly runs: number;
  readonly steps: number;
}

const PORTFOLIO: readonly StrategyName[] = ["random", "pct:2", "pct:3", "pct:4"];

/** ExploreError is what explore rejects with when a schedule fails. Its cause is what the program has thrown. */
export class ExploreError extends Error {
  override readonly name = "ExploreError";
  readonly kind: FaultKind;
  /** schedule is which of the runs failed, from 1. */
  readonly schedule: number;
  /** replay repeats the failure: give it to explore, or set MILLRACE_REPLAY. */
  readonly replay: string;
  /** switches is how many of the decisions differ from the engine's own order, after shrinking. */
  readonly switches: number;

  /** @internal */
  constructor(
    fault: Fault,
    found: { schedule: number; replay: string; switches: number; strategy: string; story: string },
  ) {
    super(
      `${messageOf(fault.error)}\n\n` +
        `found in schedule ${found.schedule} (${found.strategy}), shrunk to ${found.switches} forced switches:\n` +
        `${found.story}\n\nto repeat it: MILLRACE_REPLAY=${found.replay}`,
      { cause: fault.error },
    );
    this.kind = fault.kind;
    this.schedule = found.schedule;
    this.replay = found.replay;
    this.switches = found.switches;
  }
}

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
  if (replay !== undefined) return repeat(body, decode(replay), options);
  const until = performance.now() + timeMs;
  let steps = 0;
  let longest = 10;
  let schedule = 0;
  while (schedule < runs && performance.now() < until) {
    const name = schedule === 0 ? "fifo" : strategies[(schedule - 1) % strategies.length]!;
    const own = mixed(seed, schedule);
    const run = await once(body, own, strategyOf(name, new Random(own ^ 0x5bd1_e995), longest), options);
    schedule++;
    steps += run.steps;
    longest = Math.max(longest, run.steps);
    if (run.fault === undefined) continue;
    throw await report(body, { seed: own, decisions: run.decisions.map(({ choice }) => choice) }, run, options, {
      schedule,
      strategy: name,
    });
  }
  return { runs: schedule, steps };
}

async function repeat(body: Body, replay: Replay, options: ExploreOptions): Promise<Explored> {
  const run = await once(body, replay.seed, following(replay.decisions), options, true);
  if (run.fault === undefined) return { runs: 1, steps: run.steps };
  const { decisions } = replay;
  const found = { schedule: 1, strategy: "replay", switches: forced(decisions), replay: encode(replay) };
  throw new ExploreError(run.fault, { ...found, story: tell(run) });
}

async function once(
  body: Body,
  seed: number,
  strategy: Strategy,
  { maxSteps = 10_000, leaks = true }: ExploreOptions,
  sites: boolean = false,
): Promise<Run> {
  const run = new Run({ strategy, random: new Random(seed), maxSteps, leaks, sites });
  await execute(run, body);
  return run;
}

/** report confirms a failure, shrinks it and tells it. */
async function report(
  body: Body,
  failing: Replay,
  first: Run,
  options: ExploreOptions,
  found: { schedule: number; strategy: string },
): Promise<Error> {
  const { seed } = failing;
  const again = await once(body, seed, following(failing.decisions), options);
  if (!alike(again.fault, first.fault)) return uncontrolled(first, again);
  const decisions = await shrink(failing.decisions, async (candidate) => {
    const run = await once(body, seed, following(candidate), options);
    return alike(run.fault, first.fault) ? run.decisions.map(({ choice }) => choice) : undefined;
  });
  const last = await once(body, seed, following(decisions), options, true);
  if (!alike(last.fault, first.fault)) return uncontrolled(first, last);
  const replay = encode({ seed, decisions });
  return new ExploreError(last.fault!, { ...found, replay, switches: forced(decisions), story: tell(last) });
}

function alike(one: Fault | undefined, other: Fault | undefined): boolean {
  return one?.kind === other?.kind && nameOf(one?.error) === nameOf(other?.error);
}

/** uncontrolled says that the same decisions did not lead to the same run, and where the two part. */
function uncontrolled(first: Run, again: Run): Error {
  const step = first.decisions.findIndex(({ of }, i) => again.decisions[i]?.of !== of);
  const at = step < 0 ? "at its end" : `at decision ${step + 1}`;
  return new Error(
    `test: uncontrolled nondeterminism ${at}: the same schedule has failed once and not again. Something decides that ` +
      "the test kit does not see: real I/O, state that is kept from run to run, the time or randomness from outside.",
    { cause: first.fault?.error },
  );
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

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
