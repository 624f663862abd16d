/** Budgets say how long each stage of an app's life may take, in milliseconds. */
export interface Budgets {
  /** startMs is how long a component may take to start, unless it says so itself. @default 30000 */
  readonly startMs?: number;
  /**
   * readyDelayMs is how long the service goes on after it has become not ready, so that the load balancer can see it.
   * A person's SIGINT does not wait for that. @default 5000
   */
  readonly readyDelayMs?: number;
  /** drainMs is how long servers may take to end the requests that they have accepted. @default 15000 */
  readonly drainMs?: number;
  /** cancelMs is how long background tasks may take to end when they have been canceled. @default 3000 */
  readonly cancelMs?: number;
  /** flushMs is how long telemetry may take to be sent. @default 2000 */
  readonly flushMs?: number;
  /** closeMs is how long resources may take to close, all together. @default 3000 */
  readonly closeMs?: number;
  /**
   * hardStopMs is how long a stop may take in all: each stage gets its budget or what is left of this, and the
   * resources at least a second. Default: the sum of the stages' and two seconds.
   */
  readonly hardStopMs?: number;
}

/** GRACE_MS is what a server may take to cut connections after its deadline, and a resource when the budget is spent. */
export const GRACE_MS = 500;

/** budgetsOf fills in the defaults; throws RangeError for one that no timer can wait. */
export function budgetsOf(options: Budgets): Required<Budgets> {
  const {
    startMs = 30_000,
    readyDelayMs = 5000,
    drainMs = 15_000,
    cancelMs = 3000,
    flushMs = 2000,
    closeMs = 3000,
  } = options;
  // The listeners and the servers have a grace each, the last resources two.
  const sum = readyDelayMs + drainMs + cancelMs + flushMs + closeMs + 4 * GRACE_MS;
  const { hardStopMs = Math.min(sum, 2 ** 31 - 1) } = options;
  const budgets = { startMs, readyDelayMs, drainMs, cancelMs, flushMs, closeMs, hardStopMs };
  for (const [name, ms] of Object.entries(budgets)) {
    if (!(ms >= 0 && ms < 2 ** 31)) throw new RangeError(`app: ${name} must be from 0 to 2^31 milliseconds, not ${ms}`);
  }
  return budgets;
}
