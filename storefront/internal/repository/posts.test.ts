import assert from "node:assert/strict";
import { type Ctx, background, sleep } from "millrace/context";
import { Failure } from "millrace/errors";
import type { Pool } from "millrace/sql";
import type { TestDatabase } from "millrace/test/postgres";
import { systemClock } from "millrace/time";
import { Posts } from "../service/posts.ts";
import { Users } from "../service/users.ts";
import { SqlPosts } from "./posts.ts";
import { databaseTest } from "./testing/database.ts";
import { SqlUsers } from "./users.ts";

const NOBODY = "00000000-0000-7000-8000-000000000000";

// Holds a table until it is let go of: what reads it waits for as long.
async function lock(db: TestDatabase, table: string): Promise<{ readonly release: () => Promise<void> }> {
  const pool = await db.open(background);
  const [locked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const held = pool.tx(background, async (ctx, tx) => {
    await tx.exec(ctx, `lock table ${table} in access exclusive mode`);
    locked.resolve();
    await released.promise;
  });
  await locked.promise;
  return {
    release: async () => {
      released.resolve();
      await held;
    },
  };
}

const WAITING = `select pid from pg_stat_activity
  where datname = current_database() and state = 'active' and wait_event_type = 'Lock'`;

// Waits until so many statements wait for a lock; the server is the only one who knows.
async function untilWaiting(ctx: Ctx, pool: Pool, wanted: number): Promise<void> {
  while ((await pool.many(ctx, WAITING)).length !== wanted) await sleep(ctx, 5);
}

async function setUp(db: TestDatabase) {
  const pool = await db.open(background);
  const users = new Users(new SqlUsers(pool), systemClock);
  const posts = new Posts(new SqlPosts(pool), users, systemClock);
  return {
    pool,
    posts,
    watcher: await db.open(background),
    lockOnUsers: await lock(db, "users"),
    lockOnPosts: await lock(db, "posts"),
  };
}

databaseTest("withPosts cancels the query of the posts when there is no such user", async (ctx, db) => {
  const { pool, posts, watcher, lockOnUsers, lockOnPosts } = await setUp(db);
  // Its own ctx never ends: nobody but withPosts can cancel anything.
  const loaded = assert.rejects(
    posts.withPosts(background, NOBODY, 20, undefined),
    (err) => err instanceof Failure && err.reason === "user/not_found",
  );
  await untilWaiting(ctx, watcher, 2);
  await lockOnUsers.release();
  await loaded;
  await untilWaiting(ctx, watcher, 0);
  while (pool.stats().acquired > 0) await sleep(ctx, 5);
  await lockOnPosts.release();
});

databaseTest("withPosts cancels the query of the user when that of the posts fails", async (ctx, db) => {
  const { pool, posts, watcher, lockOnUsers, lockOnPosts } = await setUp(db);
  const loaded = assert.rejects(
    posts.withPosts(background, NOBODY, 20, undefined),
    (err) => err instanceof Failure && err.code === "unavailable",
  );
  await untilWaiting(ctx, watcher, 2);
  const killed =
    "select pg_terminate_backend(pid) from pg_stat_activity where pid = any($1) and query like '%from posts%'";
  const waiting = await watcher.many<{ pid: number }>(ctx, WAITING);
  assert.equal(await watcher.exec(ctx, killed, [waiting.map(({ pid }) => pid)]), 1);
  await loaded;
  await untilWaiting(ctx, watcher, 0);
  while (pool.stats().acquired > 0) await sleep(ctx, 5);
  await lockOnUsers.release();
  await lockOnPosts.release();
});
