import { type CancelCtx, type Ctx, afterDone, withCancel, withValue } from "../../context/index.ts";
import { kit } from "../explore/kit.ts";
import { worlds } from "../world/world.ts";
import { FAULTS, type FaultName, Plan, planKey, plans } from "./plan.ts";

/** FaultsOptions says which faults, and how many. */
export interface FaultsOptions {
  /** rate is how probable a fault is at each point, above 0; one that is certain would hide all others. @default 0.1 */
  readonly rate?: number;
  /** kinds is what may happen, at the points where it can. @default all */
  readonly kinds?: readonly FaultName[];
  /** maxDelayMs bounds a delay. @default 1000 */
  readonly maxDelayMs?: number;
  /** points says whether faults may strike at a point, by its name. @default everywhere */
  readonly points?: (name: string) => boolean;
  /** seed is for what runs outside of explore and its like, where faults are decisions of the run. @default MILLRACE_SEED, or 1 */
  readonly seed?: number;
}

/**
 * faults lets things go wrong for what runs under the context that it gives, until that ends:
 *
 * - where a task waits ("recv", "send", "select", "sleep", "lock"), its context may be canceled ("abort"), and in virtual
 *   time the process may stand still for a while ("delay");
 * - "fetch" and the functions of node:fs/promises ("fs.readFile"), in the asynchronous flow that goes on from here, may
 *   take longer ("delay") or fail as the real ones do ("reject"), fetch after the request has arrived, too; an answer may
 *   break off ("abort");
 * - so may a database ("sql.connect", "sql.query", "sql.script", "sql.ping") behind faultyDriver.
 *
 * An error that was injected is one that the real thing gives, and has an unavailable Failure with reason "test/fault" as
 * its cause, as a canceled context has. In explore, exhaustive and schedules each fault is a decision of the run, to be found, replayed and shrunk
 * with it, where none is what shrinking tends to. Elsewhere the context is to be canceled in the end: `using`.
 */
export function faults(ctx: Ctx, options: FaultsOptions = {}): CancelCtx {
  const { rate = 0.1, kinds = FAULTS, maxDelayMs = 1000, points = () => true, seed = seedOfProcess() } = options;
  if (!(rate > 0 && rate <= 1)) throw new RangeError(`test: faults: rate must be above 0 and at most 1, not ${rate}`);
  if (!(maxDelayMs >= 1 && maxDelayMs < Infinity)) {
    throw new RangeError(`test: faults: maxDelayMs must be at least 1, not ${maxDelayMs}`);
  }
  const plan = new Plan({ rate, kinds, maxDelayMs, points, seed });
  // This way round, since a wait hangs on what can be canceled, and is asked for its values.
  plan.ctx = withCancel(withValue(ctx, planKey, plan));
  plans.enterWith(plan);
  if (worlds.getStore() === undefined) {
    const inPlace = kit();
    afterDone(plan.ctx, () => inPlace[Symbol.dispose]());
  }
  return plan.ctx;
}

function seedOfProcess(): number {
  return Number(process.env["MILLRACE_SEED"] ?? 1);
}
