import { execute } from "./execute.ts";
import type { Fault, FaultKind } from "./fault.ts";
import { type Replay, encode } from "./replay.ts";
import { type Body, Run } from "./run.ts";
import { forced, shrink } from "./shrink.ts";
import { type Strategy, Random, following } from "./strategy.ts";
import { tell } from "./story.ts";

/** Watch bounds each run of a search, and says what counts as a failure. */
export interface Watch {
  /** leaks says whether an await that is left waiting when everything has ended is a failure. @default true */
  readonly leaks?: boolean;
  /** deadlocks says whether locks that are taken in opposite orders are a failure. @default true */
  readonly deadlocks?: boolean;
  /** maxSteps ends a run that goes on for ever, as a failure. @default 10000 */
  readonly maxSteps?: number;
  /**
   * races says what of the accesses to tracked objects is a failure: "error" is writes on the base of a read that may be
   * stale, "strict" is all that nothing orders, "off" is nothing. A race that a run only predicts must then be seen to
   * happen in one of a hundred others, if so many are run: a plain flag may keep the two tasks apart. @default "error"
   */
  readonly races?: "error" | "strict" | "off";
}

/** Found says how a failure was found. */
export interface Found {
  /** schedule is which of the runs it was, from 1. */
  readonly schedule: number;
  readonly strategy: string;
}

/** ExploreError is what explore and exhaustive reject with. Its cause is what the program has thrown. */
export class ExploreError extends Error {
  override readonly name = "ExploreError";
  readonly kind: FaultKind;
  /** schedule is which of the runs failed, from 1. */
  readonly schedule: number;
  /** replay repeats the failure: give it to explore, or set MILLRACE_REPLAY. */
  readonly replay: string;
  /** switches is how many decisions were forced: to go on with another task, to take another case of a select. */
  readonly switches: number;

  /** @internal */
  constructor(run: Run, replay: Replay, { schedule, strategy }: Found) {
    // Who reports a run has looked at its fault.
    const { kind, error } = run.fault!;
    const switches = forced(replay.decisions);
    const text = encode(replay);
    super(
      `${messageOf(error)}\n\nfound in schedule ${schedule} (${strategy}), shrunk to ${switches} forced ` +
        `${switches === 1 ? "decision" : "decisions"}:\n${tell(run)}\n\nto repeat it: MILLRACE_REPLAY=${text}`,
      { cause: error },
    );
    this.kind = kind;
    this.schedule = schedule;
    this.replay = text;
    this.switches = switches;
  }
}

/** once runs a program once. */
export async function once(
  body: Body,
  seed: number,
  strategy: Strategy,
  { maxSteps = 10_000, leaks = true, deadlocks = true, races = "error" }: Watch,
  sites: boolean = false,
): Promise<Run> {
  const run = new Run({ strategy, random: new Random(seed), maxSteps, leaks, deadlocks, races, sites });
  await execute(run, body);
  return run;
}

/** report confirms the failure of a run, shrinks it and tells it. */
export async function report(body: Body, seed: number, first: Run, watch: Watch, found: Found): Promise<Error> {
  const fails = async (decisions: readonly number[], sites = false): Promise<Run | Error> => {
    const run = await once(body, seed, following(decisions), watch, sites);
    return alike(run.fault, first.fault) ? run : uncontrolled(first, run);
  };
  const again = await fails(choices(first));
  if (again instanceof Error) return again;
  const decisions = await shrink(choices(first), async (candidate) => {
    const run = await fails(candidate);
    return run instanceof Error ? undefined : choices(run);
  });
  const last = await fails(decisions, true);
  return last instanceof Error ? last : new ExploreError(last, { seed, decisions }, found);
}

function choices(run: Run): number[] {
  return run.decisions.map(({ choice }) => choice);
}

// Messages hold values that differ from schedule to schedule.
function alike(one: Fault | undefined, other: Fault | undefined): boolean {
  return one?.kind === other?.kind && one?.happened === other?.happened && nameOf(one?.error) === nameOf(other?.error);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** uncontrolled says that the same decisions did not lead to the same run, and where the two part. */
function uncontrolled(first: Run, again: Run): Error {
  const step = first.decisions.findIndex(({ of }, i) => again.decisions[i]?.of !== of);
  return new Error(
    `test: uncontrolled nondeterminism ${step < 0 ? "at the end" : `at decision ${step + 1}`}: the same schedule has ` +
      "failed once and not again. Something decides that the test kit does not see: real I/O, state that is kept " +
      "from run to run, a time or randomness from outside.",
    { cause: first.fault?.error },
  );
}
