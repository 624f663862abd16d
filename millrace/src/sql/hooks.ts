import type { Ctx } from "../context/index.ts";
import { label } from "./label.ts";

/**
 * PoolHooks is told what a pool does, for metrics and traces. A hook is called in passing and must be quick; what it
 * throws is dropped.
 */
export interface PoolHooks {
  /** acquire is called when a caller got a connection of its own, or gave up. Pipelined statements acquire none. */
  acquire?(ctx: Ctx, event: AcquireEvent): void;
  /**
   * query is called when a statement is over: of the pool, a session or a transaction, COMMIT among them. BEGIN is a part
   * of the first statement of its transaction, and for a ROLLBACK no caller waits.
   */
  query?(ctx: Ctx, event: QueryEvent): void;
}

/** AcquireEvent is a connection that was waited for. */
export interface AcquireEvent {
  /** holder is what it is for: "tx transfer", "begin", "" for a single statement. */
  readonly holder: string;
  /** waitMs is how long it took, from 0 for one that lay idle. */
  readonly waitMs: number;
  /** err is why there was none; undefined when there was. */
  readonly err: unknown;
}

/** QueryEvent is a statement that was run. */
export interface QueryEvent {
  readonly text: string;
  /** label is the first words of the text. It holds no arguments, but what was written into the text it shows. */
  readonly label: string;
  /** rows is the number of rows returned, written, or copied in; 0 for copyTo and after an error. */
  readonly rows: number;
  /** durationMs is the time that the caller waited: of a pool's statement the wait for a connection is a part. */
  readonly durationMs: number;
  /** err is what the caller got; undefined when it went well. */
  readonly err: unknown;
}

/** acquired tells the hook of a connection that is on its way or there. @internal */
export async function acquired<T>(hooks: PoolHooks, ctx: Ctx, holder: string, get: () => T | Promise<T>): Promise<T> {
  const since = performance.now();
  const tell = (err: unknown): void =>
    quietly(() => hooks.acquire?.(ctx, { holder, waitMs: performance.now() - since, err }));
  try {
    const got = await get();
    tell(undefined);
    return got;
  } catch (err) {
    tell(err);
    throw err;
  }
}

/** observed tells the hook of a statement, when it is over. @internal */
export async function observed<T>(hooks: PoolHooks, ctx: Ctx, text: string, run: () => Promise<T>): Promise<T> {
  const since = performance.now();
  const tell = (rows: number, err: unknown): void =>
    quietly(() => {
      hooks.query?.(ctx, { text, label: label(text), rows, durationMs: performance.now() - since, err });
    });
  try {
    const value = await run();
    tell(rowsOf(value), undefined);
    return value;
  } catch (err) {
    tell(0, err);
    throw err;
  }
}

// A Result, the results of a batch, or a number of rows.
function rowsOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + rowsOf(one), 0);
  if (typeof value !== "object" || value === null || !("affected" in value)) return 0;
  return typeof value.affected === "number" ? value.affected : 0;
}

/** quietly calls a hook: a broken metric must not break what it measures. @internal */
export function quietly(tell: () => void): void {
  try {
    tell();
  } catch {}
}
