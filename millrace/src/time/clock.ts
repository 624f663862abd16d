/** Clock tells the time; it is injected wherever a decision depends on it, so that a test can choose it. */
export interface Clock {
  /** now is the wall clock in Unix milliseconds; it may jump. */
  now(): number;
  /** elapsed is a clock in milliseconds that never goes back; only differences mean something. */
  elapsed(): number;
}

/** systemClock is the machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
};
