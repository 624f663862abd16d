import { AsyncLocalStorage } from "node:async_hooks";
import fc from "fast-check";
import { jittered, plain, wrapped } from "./environment.ts";
import type { Environment } from "./kernel.ts";

/** Baseline says how many runs failed that were made without the test kit: they threw, rejected, or hung. */
export interface Baseline {
  readonly plain: number;
  readonly jitter: number;
  readonly fastCheck: number;
}

type Program = (k: Environment) => Promise<void>;

/** baseline runs a program n times in each of the usual ways, so many at once. */
export async function baseline(program: Program, n: number, atOnce: number): Promise<Baseline> {
  const schedulers = fc.sample(fc.scheduler(), { numRuns: n, seed: 1 });
  const failures = async (run: (i: number, seen: () => void) => Promise<void>): Promise<number> => {
    let failed = 0;
    for (let from = 0; from < n; from += atOnce) {
      failed += await failuresOf(Math.min(atOnce, n - from), (i, seen) => run(from + i, seen));
    }
    return failed;
  };
  return {
    plain: await failures((_i, seen) => program(watched(plain, seen))),
    jitter: await failures((_i, seen) => program(watched(jittered, seen))),
    fastCheck: await failures((i, seen) => {
      const scheduler = schedulers[i]!;
      const environment = wrapped((task) => scheduler.schedule(task));
      return scheduler.waitFor(program(watched(environment, seen)));
    }),
  };
}

/** QUIET_MS without a sign of life from any run is for ever: no kernel has a timer that is longer than 45 ms. */
const QUIET_MS = 250;
/** BATCH_MS is what a batch may take, should a run neither end nor be quiet. */
const BATCH_MS = 10_000;

interface Outcome {
  state: "running" | "passed" | "failed";
}

const outcomes = new AsyncLocalStorage<Outcome>();

async function failuresOf(n: number, run: (i: number, seen: () => void) => Promise<void>): Promise<number> {
  let last = performance.now();
  const seen = (): void => void (last = performance.now());
  const all: Outcome[] = [];
  const unhandled = (): void => {
    const outcome = outcomes.getStore();
    if (outcome !== undefined) outcome.state = "failed";
  };
  process.on("unhandledRejection", unhandled);
  for (let i = 0; i < n; i++) {
    const outcome: Outcome = { state: "running" };
    all.push(outcome);
    void outcomes.run(outcome, async () => {
      try {
        await run(i, seen);
        if (outcome.state === "running") outcome.state = "passed";
      } catch {
        outcome.state = "failed";
      }
      seen();
    });
  }
  const end = last + BATCH_MS;
  while (all.some(({ state }) => state === "running") && performance.now() < Math.min(last + QUIET_MS, end)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  // A rejection that nobody handles is told at the end of a turn.
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off("unhandledRejection", unhandled);
  return all.filter(({ state }) => state !== "passed").length;
}

/** watched says that a run is alive, each time one of its calls comes back. */
function watched(environment: Environment, seen: () => void): Environment {
  return {
    ...environment,
    async io<R>(value?: R): Promise<R> {
      const result = await environment.io(value);
      seen();
      return result;
    },
    async sleep(ms) {
      await environment.sleep(ms);
      seen();
    },
  };
}
