import { execute } from "./explore/execute.ts";
import { kit } from "./explore/kit.ts";
import { type Body, Run } from "./explore/run.ts";
import { Random, fifo } from "./explore/strategy.ts";

/** BubbleOptions bounds a bubble. */
export interface BubbleOptions {
  /** leaks says whether an await that is left waiting when everything has ended is a failure. @default true */
  readonly leaks?: boolean;
  /** deadlocks says whether locks that are taken in opposite orders are a failure. @default true */
  readonly deadlocks?: boolean;
  /** maxSteps ends a program that goes on for ever, as a failure. @default 1000000 */
  readonly maxSteps?: number;
  /** races says what of the accesses to tracked objects is a failure, as in explore. @default "error" */
  readonly races?: "error" | "strict" | "off";
}

/**
 * bubble runs a program in virtual time, once and in the engine's own order: while anything in it can run, time stands
 * still, and when nothing can, it moves straight to the next timer. It gives the program's result, and rejects with what
 * the program throws, with a deadlock if all of it waits for what cannot come, and with a leak if an await is left
 * waiting when the program has ended. Bubbles may run side by side; each has its own clock. Source: Go's testing/synctest.
 */
export async function bubble<R>(body: Body<R>, options: BubbleOptions = {}): Promise<R> {
  const { leaks = true, deadlocks = true, races = "error", maxSteps = 1_000_000 } = options;
  using _ = kit();
  const run = new Run<R>({ strategy: fifo, random: new Random(1), maxSteps, leaks, deadlocks, races, sites: true });
  await execute(run, body);
  if (run.fault !== undefined) throw run.fault.error;
  // A run without a fault has a result.
  return run.result as R;
}
