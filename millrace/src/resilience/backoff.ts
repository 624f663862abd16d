/** BackoffOptions bounds the waits between attempts. */
export interface BackoffOptions {
  /** baseMs bounds the first wait; every further bound is twice the one before. Default: 50. */
  readonly baseMs?: number;
  /** maxMs bounds every wait. Default: 5,000. */
  readonly maxMs?: number;
}

/**
 * backoff is how long to wait after an attempt, from 1: a random time between 0 and min(maxMs, baseMs * 2^(attempt-1)),
 * so that callers who failed together do not come back together.
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ ("full jitter").
 */
export function backoff(attempt: number, { baseMs = 50, maxMs = 5000 }: BackoffOptions = {}): number {
  return Math.random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1));
}
