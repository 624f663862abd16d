import assert from "node:assert/strict";
import { type Ctx, withCancel } from "../../context/index.ts";
import type { Querier } from "../index.ts";
import { collect } from "../testing/collect.ts";
import { type Database, databaseTest, eventually } from "../testing/database.ts";

const ENDLESS = "select generate_series(1, 1000000000) as n";

interface Case {
  readonly name: string;
  /** run starts it, tells when it is under way, and goes on as far as it can. */
  readonly run: (ctx: Ctx, db: Querier, underWay: () => Promise<void>) => Promise<unknown>;
}

const cases: readonly Case[] = [
  {
    name: "rows, while they are consumed",
    run: async (ctx, db, underWay) => {
      for await (const _ of db.rows(ctx, ENDLESS, [], { fetch: 10 })) await underWay();
    },
  },
  {
    name: "rows, while the server works",
    run: async (ctx, db, underWay) => {
      await Promise.all([collect(db.rows(ctx, "select pg_sleep(600)")), underWay()]);
    },
  },
  {
    name: "copyTo, while it is consumed",
    run: async (ctx, db, underWay) => {
      for await (const _ of db.copyTo(ctx, ENDLESS)) await underWay();
    },
  },
  {
    name: "copyTo, while the server works",
    run: async (ctx, db, underWay) => {
      await Promise.all([collect(db.copyTo(ctx, "select pg_sleep(600)")), underWay()]);
    },
  },
  {
    name: "copyFrom, from a source that gives nothing",
    run: async (ctx, db, underWay) => {
      await db.copyFrom(ctx, "t", ["n"], {
        async *[Symbol.asyncIterator]() {
          yield [1];
          await underWay();
          await new Promise(() => {});
        },
      });
    },
  },
  {
    name: "copyFrom, from one without an end",
    run: async (ctx, db, underWay) => {
      async function* endless(): AsyncGenerator<readonly unknown[]> {
        for (let n = 0; ; n++) {
          yield [n];
          if (n === 100_000) await underWay();
        }
      }
      await db.copyFrom(ctx, "t", ["n"], endless());
    },
  },
  {
    name: "batch",
    run: async (ctx, db, underWay) => {
      await Promise.all([db.batch(ctx, ["insert into t values (1)", "select pg_sleep(600)"]), underWay()]);
    },
  },
];

/** streaming is the server process that works on something of ours; undefined while there is none. */
async function streaming(ctx: Ctx, admin: Querier): Promise<number | undefined> {
  const row = await admin.maybe<{ pid: number }>(
    ctx,
    `select pid from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and state = 'active'
       and backend_type = 'client backend'`,
  );
  return row?.pid;
}

function once(fn: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= fn());
}

async function setUp(ctx: Ctx, db: Database): Promise<Record<"pool" | "admin", Awaited<ReturnType<Database["open"]>>>> {
  const admin = await db.open({ maxConns: 1 });
  await admin.exec(ctx, "create table t (n int)");
  return { pool: await db.open({ maxConns: 1 }), admin };
}

for (const { name, run } of cases) {
  databaseTest(`${name}: the context ends`, async (ctx, db) => {
    const { pool, admin } = await setUp(ctx, db);
    using life = withCancel(ctx);
    const underWay = once(async () => {
      await eventually(ctx, "it runs", async () => (await streaming(ctx, admin)) !== undefined);
      life.cancel();
    });
    await assert.rejects(run(life, pool, underWay), { code: "canceled" });
    await eventually(ctx, "the server has stopped", async () => (await streaming(ctx, admin)) === undefined);
    assert.equal(await pool.exec(ctx, "select from t"), 0, "the connection serves the next, and nothing was written");
    assert.deepEqual([pool.stats().acquired, pool.stats().closedBroken], [0, 0]);
  });

  databaseTest(`${name}: the context ends in a transaction`, async (ctx, db) => {
    const { pool, admin } = await setUp(ctx, db);
    using life = withCancel(ctx);
    const underWay = once(async () => {
      await eventually(ctx, "it runs", async () => (await streaming(ctx, admin)) !== undefined);
      life.cancel();
    });
    await assert.rejects(
      pool.tx(ctx, async (ctx, tx) => {
        await tx.exec(ctx, "insert into t values (0)");
        await run(life, tx, underWay).catch(() => undefined);
        await tx.exec(ctx, "insert into t values (0)");
      }),
      { code: "canceled", message: /the transaction was interrupted/ },
    );
    assert.equal(await pool.exec(ctx, "select from t"), 0);
    assert.deepEqual([pool.stats().acquired, pool.stats().closedBroken], [0, 0]);
  });

  databaseTest(`${name}: the server process is killed`, async (ctx, db) => {
    const { pool, admin } = await setUp(ctx, db);
    const underWay = once(async () => {
      let pid: number | undefined;
      await eventually(ctx, "it runs", async () => (pid ??= await streaming(ctx, admin)) !== undefined);
      await admin.exec(ctx, "select pg_terminate_backend($1)", [pid]);
    });
    await assert.rejects(run(ctx, pool, underWay), { code: "unavailable", reason: "sql/connection_lost" });
    assert.equal(await pool.exec(ctx, "select from t"), 0);
    assert.deepEqual([pool.stats().acquired, pool.stats().closedBroken], [0, 1]);
  });
}

databaseTest("copyTo: the server waits for its reader", async (ctx, db) => {
  const { pool, admin } = await setUp(ctx, db);
  const pieces = pool.copyTo(ctx, ENDLESS)[Symbol.asyncIterator]();
  assert.equal((await pieces.next()).done, false);
  let before = -1;
  await eventually(ctx, "it makes no progress", async () => {
    const { n } = await admin.one<{ n: number }>(ctx, "select tuples_processed::int as n from pg_stat_progress_copy");
    const still = n === before && (await admin.exec(ctx, "select pg_sleep(0.05)")) === 1;
    before = n;
    return still;
  });
  assert.ok(before < 10_000_000, `${before} rows`);
  await pieces.return?.(undefined);
  await eventually(ctx, "it is free", () => pool.stats().acquired === 0);
});

databaseTest("copyFrom: the source waits for the server", async (ctx, db) => {
  const { pool, admin } = await setUp(ctx, db);
  await admin.exec(
    ctx,
    `create function hold() returns trigger language plpgsql as
     $$begin perform pg_advisory_xact_lock(7); return new; end$$`,
  );
  await admin.exec(ctx, "create trigger hold before insert on t for each row execute function hold()");
  const text = "1".repeat(9);
  let given = 0;
  const rows = function* (): Generator<readonly unknown[]> {
    for (; given < 3_000_000; given++) yield [text];
  };
  using life = withCancel(ctx);
  await admin.tx(ctx, async (ctx, tx) => {
    await tx.exec(ctx, "select pg_advisory_xact_lock(7)");
    const copied = assert.rejects(pool.copyFrom(life, "t", ["n"], rows()), { code: "canceled" });
    let before = -1;
    await eventually(ctx, "the source is not asked any more", async () => {
      const still = given > 0 && given === before && (await tx.exec(ctx, "select pg_sleep(0.05)")) === 1;
      before = given;
      return still;
    });
    // The server takes no row before the lock is free, so that it is the copy that waits.
    assert.ok(given < 2_000_000, `${given} rows`);
    life.cancel();
    await copied;
  });
  assert.equal(await pool.exec(ctx, "select from t"), 0);
});

databaseTest("rows that nobody goes on with are freed by their context", async (ctx, db) => {
  const { pool } = await setUp(ctx, db);
  using life = withCancel(ctx);
  const rows = pool.rows(life, ENDLESS)[Symbol.asyncIterator]();
  await rows.next();
  assert.equal(pool.stats().acquired, 1);
  life.cancel();
  await eventually(ctx, "it is free", () => pool.stats().acquired === 0);
  assert.equal(pool.stats().closedBroken, 0);
  await assert.rejects(
    async () => {
      for (let next = await rows.next(); next.done !== true; next = await rows.next()) assert.ok(next.value);
    },
    { code: "canceled" },
  );
});

databaseTest("a pool that is closed by force ends what streams", async (ctx, db) => {
  const { pool } = await setUp(ctx, db);
  const rows = pool.rows(ctx, ENDLESS, [], { fetch: 1 })[Symbol.asyncIterator]();
  await rows.next();
  using over = withCancel(ctx);
  over.cancel();
  await assert.rejects(pool.close(over), /held by select generate_series/);
  await assert.rejects(rows.next(), { reason: "sql/connection_lost" });
});
