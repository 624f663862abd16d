import assert from "node:assert/strict";
import { type Ctx, withCancel } from "../../context/index.ts";
import { codeOf, is } from "../../errors/index.ts";
import type { PoolHooks, Querier } from "../index.ts";
import { collect } from "../testing/collect.ts";
import { databaseTest, eventually } from "../testing/database.ts";

const CALLS = 1200;
const WORKERS = 8;

/**
 * Work writes a call's id into `effects`, and gives how often; what it does is done as a whole or not at all. Contexts that
 * it derives, and that may end it, go to `own`.
 */
type Work = (ctx: Ctx, db: Querier, id: number, own: Ctx[]) => Promise<number>;

const PLAIN: Readonly<Record<string, (ctx: Ctx, db: Querier, id: number) => Promise<number>>> = {
  exec: (ctx, db, id) => db.exec(ctx, "insert into effects select $1::int from pg_sleep(0.001)", [id]),
  rows: async (ctx, db, id) => {
    const text = "insert into effects select $1::int from generate_series(1, 7) returning id, pg_sleep(0.0003)";
    const rows = await collect(db.rows<{ id: number }>(ctx, text, [id], { fetch: 2 }));
    assert.ok(rows.every((row) => row.id === id));
    return rows.length;
  },
  copyFrom: (ctx, db, id) =>
    db.copyFrom(ctx, "effects", ["id"], {
      async *[Symbol.asyncIterator]() {
        for (let n = 0; n < 5; n++) {
          yield [id];
          await new Promise((resolve) => void setImmediate(resolve));
        }
      },
    }),
  batch: async (ctx, db, id) => {
    const insert = { text: "insert into effects values ($1)", args: [id] };
    const results = await db.batch(ctx, [insert, "select pg_sleep(0.001)", insert]);
    return results[0].affected + results[2].affected;
  },
};
const KINDS = Object.entries(PLAIN);

const oneOf = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;

databaseTest(
  "1,200 calls of every kind, in and outside of transactions, left at any time: each whole or not at all, and alone",
  async (ctx, db) => {
    let handedOut = 0;
    const hooks: PoolHooks = {
      acquire: (_ctx, { err }) => void (handedOut += err === undefined ? 1 : 0),
      query: () => undefined,
    };
    const pool = await db.open({ maxConns: 4, hooks });
    const observer = await db.open({ maxConns: 1 });
    await observer.exec(ctx, "create table effects (id int)");

    const inTx: Work = (at, _db, id, own) =>
      pool.tx(at, async (at, tx) => {
        let times = await PLAIN["exec"]!(at, tx, id);
        times += await oneOf(KINDS)[1](at, tx, id);
        // A savepoint with an end of its own, whose loss the rest survives, unless the SAVEPOINT itself was interrupted.
        using soon = withCancel(at);
        own.push(soon);
        const timer = setTimeout(() => soon.cancel(), Math.random() * 6);
        try {
          times += await tx.tx(soon, (at, inner) => oneOf(KINDS)[1](at, inner, id));
        } catch (err) {
          if (at.err !== undefined || !is(err, soon.err!)) throw err;
        } finally {
          clearTimeout(timer);
        }
        return times + (await PLAIN["exec"]!(at, tx, id));
      });
    const begun: Work = async (at, _db, id) => {
      await using tx = await pool.begin(at);
      const times = await oneOf(KINDS)[1](at, tx, id);
      if (Math.random() < 0.1) return 0;
      await tx.commit(at);
      return times;
    };
    const works: readonly (readonly [name: string, work: Work])[] = [
      ...KINDS,
      ["tx", inTx],
      ["tx", inTx],
      ["begin", begun],
      ["begin", begun],
    ];

    const done = new Map<number, number>();
    const left = new Map<string, number>();
    const one = async (id: number): Promise<void> => {
      const [name, work] = oneOf(works);
      using at = withCancel(ctx);
      const own: Ctx[] = [at];
      // Many soon, and some never, however busy the machine is.
      const timer = Math.random() < 0.85 ? setTimeout(() => at.cancel(), Math.random() ** 2 * 12) : undefined;
      try {
        done.set(id, await work(at, pool, id, own));
      } catch (err) {
        // A cancel that strays is "canceled" too, but does not come from a context of the caller's own.
        const isOwn = own.some((one) => one.err !== undefined && is(err, one.err));
        assert.ok(isOwn && codeOf(err) === "canceled", `${name}: ${String(err)}`);
        left.set(name, (left.get(name) ?? 0) + 1);
      } finally {
        clearTimeout(timer);
      }
      // Whoever comes next on that connection, or on another one.
      assert.deepEqual(await pool.one(ctx, "select $1::int as id", [id]), { id });
    };
    let ids = 0;
    const worker = async (): Promise<void> => {
      while (ids < CALLS) await one(ids++);
    };
    await Promise.all(Array.from({ length: WORKERS }, worker));
    await eventually(ctx, "all is idle", () => pool.stats().acquired + pool.stats().closing === 0);

    const rows = await observer.many<{ id: number; n: number }>(
      ctx,
      "select id, count(*)::int as n from effects group by id",
    );
    const found = new Map(rows.map(({ id, n }) => [id, n]));
    const wrong = [...done].filter(([id, n]) => (found.get(id) ?? 0) !== n);
    assert.deepEqual(wrong, [], "reported as done, and not there as often");
    const { idle, acquired, waiting, acquireCount, timeouts, closedBroken, closedByHealth } = pool.stats();
    assert.deepEqual(
      { acquired, waiting, timeouts, closedBroken, closedByHealth },
      { acquired: 0, waiting: 0, timeouts: 0, closedBroken: 0, closedByHealth: 0 },
    );
    assert.equal(acquireCount, handedOut);
    const states = await observer.many<{ state: string; n: number }>(
      ctx,
      `select state, count(*)::int as n from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' group by state`,
    );
    assert.deepEqual(states, [{ state: "idle", n: idle }], "no connection is left over, none in a transaction");
    for (const [name] of works) assert.ok((left.get(name) ?? 0) > 5, `${name}: ${JSON.stringify([...left])}`);
    assert.ok(done.size > 50, `only ${done.size} were done`);
  },
);
