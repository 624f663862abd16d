import { type Ctx, sleep, withTimeout, withoutCancel } from "../context/index.ts";
import { wrap } from "../errors/index.ts";
import { orDone } from "../context/or-done.ts";
import type { Pool, Session } from "../sql/index.ts";
import type { MigrateOptions } from "./options.ts";

// goose's own lock, so that goose and Millrace keep out of each other's way.
// Source: https://github.com/pressly/goose/blob/main/lock/session_locker_options.go
const LOCK_ID = 5887940537704921958n;
const FIRST_POLL_MS = 20;
const LAST_POLL_MS = 500;
const UNLOCK_MS = 5000;

// For drivers whose locks do not hold between connections: who migrates over a pool now. Such a database lives in this
// process, so there is nobody else.
const turns = new WeakMap<Pool, Promise<void>>();

type Report = MigrateOptions["report"];

/** locked runs a function on one connection while nobody else migrates; it waits for its turn until ctx ends. @internal */
export function locked<T>(
  ctx: Ctx,
  pool: Pool,
  report: Report,
  fn: (ctx: Ctx, session: Session) => Promise<T>,
): Promise<T> {
  if (!pool.driver.can.advisoryLocks) return inTurn(ctx, pool, report, () => pool.withConn(ctx, fn));
  return pool.withConn(ctx, async function migrate(ctx, session) {
    await lock(ctx, session, report);
    try {
      return await fn(ctx, session);
    } finally {
      await unlock(ctx, session);
    }
  });
}

// Asks again and again instead of waiting in the server: a waiting statement has a snapshot, and CREATE INDEX
// CONCURRENTLY in the migration that holds the lock would wait for it.
async function lock(ctx: Ctx, session: Session, report: Report): Promise<void> {
  for (let ms = FIRST_POLL_MS; ; ms = Math.min(ms * 2, LAST_POLL_MS)) {
    const { got } = await session.one<{ got: boolean }>(ctx, "select pg_try_advisory_lock($1) as got", [LOCK_ID]);
    if (got) return;
    if (ms === FIRST_POLL_MS) report?.({ kind: "waiting" });
    try {
      await sleep(ctx, ms);
    } catch (err) {
      throw wrap(err, "migrate: waiting for another migration to end");
    }
  }
}

async function unlock(ctx: Ctx, session: Session): Promise<void> {
  using within = withTimeout(withoutCancel(ctx), UNLOCK_MS);
  try {
    await session.exec(within, "select pg_advisory_unlock($1)", [LOCK_ID]);
  } catch {
    // The lock ends with the connection, which is lost or is ended now.
    await session.exec(within, "select pg_terminate_backend(pg_backend_pid())").catch(() => undefined);
  }
}

async function inTurn<T>(ctx: Ctx, pool: Pool, report: Report, fn: () => Promise<T>): Promise<T> {
  const before = turns.get(pool) ?? Promise.resolve();
  if (turns.has(pool)) report?.({ kind: "waiting" });
  const { promise, resolve } = Promise.withResolvers<void>();
  turns.set(pool, promise);
  try {
    await orDone(ctx, before);
  } catch (err) {
    // Whoever comes after still waits for whoever is before.
    void before.finally(resolve);
    throw wrap(err, "migrate: waiting for another migration to end");
  }
  try {
    return await fn();
  } finally {
    if (turns.get(pool) === promise) turns.delete(pool);
    resolve();
  }
}
