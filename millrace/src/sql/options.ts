import { Failure } from "../errors/index.ts";
import type { PoolHooks } from "./hooks.ts";

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
  /**
   * pipeline sends single statements one after the other over shared connections, without waiting for the answer in
   * between: several times the throughput for short statements. Default: off. It needs a driver that can; PGlite
   * cannot, and there the option is without effect.
   *
   * Shared are single SELECT, INSERT, UPDATE, DELETE and MERGE that the pool itself is asked for; they commit one by one
   * and their order is open, as on connections of their own. Everything else has a connection of its own: transactions,
   * withConn, other statements, and texts that are new or were seen to run for longer than 20 ms: write values as
   * arguments, not into the text.
   */
  readonly pipeline?: PipelineOptions;
  /** hooks are told of every connection acquired and every statement run. Default: none, which costs nothing. */
  readonly hooks?: PoolHooks;
}

/** PipelineOptions bounds the shared connections. */
export interface PipelineOptions {
  /**
   * lanes is how many of maxConns are shared. They are opened when they are needed, beside minConns, and hold 32
   * statements each. At least 1, and at least one connection must remain beside them.
   */
  readonly lanes: number;
}

/** Bounds is PoolOptions with everything filled in. @internal */
export interface Bounds extends Omit<Required<PoolOptions>, "pipeline" | "hooks"> {
  readonly hooks: PoolHooks | undefined;
  /** lanes of maxConns are pipelined. */
  readonly lanes: number;
  /** trialRuns is how often a new text runs elsewhere, quickly, before it goes on a lane; tests want 0. */
  readonly trialRuns: number;
}

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
    hooks: options.hooks,
    lanes: options.pipeline === undefined ? 0 : whole("pipeline.lanes", options.pipeline.lanes, 1),
    trialRuns: 1,
  };
  if (bounds.minConns > bounds.maxConns)
    throw bad("minConns", `at most maxConns (${bounds.maxConns})`, bounds.minConns);
  const rest = Math.max(bounds.minConns, 1);
  if (bounds.lanes > 0 && bounds.lanes + rest > bounds.maxConns)
    throw bad("pipeline.lanes", `at most maxConns (${bounds.maxConns}) less ${rest}`, bounds.lanes);
  return bounds;
}

/** lifetimeEnd is when a connection that is opened now is too old. @internal */
export function lifetimeEnd(bounds: Bounds): number {
  return performance.now() + bounds.maxConnLifetimeMs * (1 - Math.random() / 10);
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
