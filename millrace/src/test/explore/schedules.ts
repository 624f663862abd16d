import type { Arbitrary } from "fast-check";
import { kit } from "./kit.ts";
import { type Watch, once } from "./report.ts";
import type { Body } from "./run.ts";
import type { Strategy } from "./strategy.ts";

/** Schedule is an order in which a program runs: call it with the program. It rejects with what the program fails with. */
export type Schedule = (body: Body, watch?: Watch) => Promise<void>;

/** FastCheck is what schedules needs of fast-check. */
export interface FastCheck {
  nat(max: number): Arbitrary<number>;
  array<T>(of: Arbitrary<T>, constraints: { maxLength: number }): Arbitrary<T[]>;
}

// More choices than this at one step are rare, and the remainder still reaches them.
const MAX_CHOICE = 5;
const MAX_DECISIONS = 300;

/**
 * schedules is an arbitrary of schedules for fast-check, so that the inputs of a property and the order in which it runs
 * shrink together: towards the order in which every task goes on as long as it can.
 *
 *     await fc.assert(fc.asyncProperty(schedules(fc), fc.array(fc.nat()), async (schedule, amounts) => {
 *       await schedule(async () => assert.equal(await transfer(amounts), sum(amounts)));
 *     }));
 */
export function schedules(fc: FastCheck): Arbitrary<Schedule> {
  return fc.array(fc.nat(MAX_CHOICE), { maxLength: MAX_DECISIONS }).map((decisions) => {
    const schedule: Schedule = async (body, watch = {}) => {
      using _ = kit();
      const run = await once(body, 1, remainders(decisions), watch);
      if (run.fault !== undefined) throw run.fault.error;
    };
    // What fast-check prints of a counterexample.
    return Object.assign(schedule, { toString: () => `schedule(${decisions.join(" ")})` });
  });
}

function remainders(decisions: readonly number[]): Strategy {
  let next = 0;
  const decide = (n: number): number => (decisions[next++] ?? 0) % n;
  return { name: "fast-check", step: (steps) => decide(steps.length), value: decide };
}
