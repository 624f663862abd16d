import { Failure } from "../errors/index.ts";

/** PoolOptions bounds a pool. */
export interface PoolOptions {
  /** maxConns is how many connections are open at most. Default 10, minimum 1. */
  readonly maxConns?: number;
  /**
   * minConns is how many connections are opened by openPool and kept open. Default 1, so that a wrong address or
   * password is found at the start; 0 starts without the database.
   */
  readonly minConns?: number;
  /**
   * maxConnLifetimeMs is the age at which a connection is closed once it is idle, less up to a tenth by chance, so that
   * connections opened together do not all close together. Default 1 hour; Infinity keeps them.
   */
  readonly maxConnLifetimeMs?: number;
  /** maxConnIdleTimeMs is how long a connection beyond minConns may lie idle. Default 30 minutes; Infinity keeps it. */
  readonly maxConnIdleTimeMs?: number;
  /**
   * acquireTimeoutMs is how long a caller waits for a connection at most, from its call on and whatever its ctx allows;
   * an attempt to connect ends then too. Default 10 seconds, minimum 1.
   */
  readonly acquireTimeoutMs?: number;
  /**
   * maxWaiting is how many callers may wait for a connection; one more is turned away at once ("sql/pool_overloaded").
   * Default 10,000, minimum 1.
   */
  readonly maxWaiting?: number;
  /**
   * healthCheckAfterMs is how long a connection has been idle when it is checked by a round trip before it is used.
   * Default 30 seconds; 0 checks always, Infinity never.
   */
  readonly healthCheckAfterMs?: number;
}

/** Bounds is PoolOptions with everything filled in. @internal */
export type Bounds = Required<PoolOptions>;

/** boundsOf checks the options of a pool and fills in the defaults; a bad one is invalid_argument. @internal */
export function boundsOf(options: PoolOptions): Bounds {
  const bounds: Bounds = {
    maxConns: whole("maxConns", options.maxConns ?? 10, 1),
    minConns: whole("minConns", options.minConns ?? Math.min(1, options.maxConns ?? 1), 0),
    maxConnLifetimeMs: atLeast("maxConnLifetimeMs", options.maxConnLifetimeMs ?? 3_600_000, 1),
    maxConnIdleTimeMs: atLeast("maxConnIdleTimeMs", options.maxConnIdleTimeMs ?? 1_800_000, 1),
    acquireTimeoutMs: atLeast("acquireTimeoutMs", options.acquireTimeoutMs ?? 10_000, 1),
    maxWaiting: whole("maxWaiting", options.maxWaiting ?? 10_000, 1),
    healthCheckAfterMs: atLeast("healthCheckAfterMs", options.healthCheckAfterMs ?? 30_000, 0),
  };
  if (bounds.minConns > bounds.maxConns)
    throw bad("minConns", `at most maxConns (${bounds.maxConns})`, bounds.minConns);
  return bounds;
}

function whole(name: string, value: number, min: number): number {
  if (!Number.isSafeInteger(value) || value < min) throw bad(name, `a whole number of at least ${min}`, value);
  return value;
}

function atLeast(name: string, value: number, min: number): number {
  if (!(value >= min)) throw bad(name, `at least ${min}`, value);
  return value;
}

function bad(name: string, want: string, value: unknown): Failure {
  return new Failure(`sql: openPool: ${name} must be ${want}, not ${String(value)}`, {
    code: "invalid_argument",
    reason: "sql/bad_option",
  });
}
