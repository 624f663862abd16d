import assert from "node:assert/strict";
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { integer, numeric, pgTable, text } from "drizzle-orm/pg-core";
import { type Generated, Kysely, PostgresDialect, sql as raw } from "kysely";
import Cursor from "pg-cursor";
import { PgBoss } from "pg-boss";
import { withCancel } from "../../context/index.ts";
import { databaseTest, eventually } from "../testing/database.ts";
import { pgPool } from "./index.ts";
import { running } from "./testing/running.ts";

const SCHEMA =
  "create table users (id int primary key generated always as identity, name text not null, balance numeric)";

interface Tables {
  users: { id: Generated<number>; name: string; balance: string | null };
}

databaseTest("Kysely: queries, transactions, streams, and a ctx that ends", async (ctx, db) => {
  const pool = await db.open({ maxConns: 2 });
  await pool.exec(ctx, SCHEMA);
  const face = pgPool(pool, { ctx: () => ctx });
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: face, cursor: Cursor }) });
  const added = await kysely
    .insertInto("users")
    .values({ name: "a", balance: "1.50" })
    .returningAll()
    .executeTakeFirst();
  assert.deepEqual(added, { id: 1, name: "a", balance: "1.50" });
  const { numUpdatedRows } = await kysely.updateTable("users").set({ balance: "2" }).executeTakeFirstOrThrow();
  assert.equal(numUpdatedRows, 1n);

  await kysely.transaction().execute(async (trx) => {
    await trx.insertInto("users").values({ name: "b" }).execute();
  });
  const rolledBack = kysely
    .transaction()
    .setIsolationLevel("serializable")
    .execute(async (trx) => {
      await trx.insertInto("users").values({ name: "c" }).execute();
      throw new Error("boom");
    });
  await assert.rejects(rolledBack, /boom/);
  const names: string[] = [];
  for await (const { name } of kysely.selectFrom("users").select("name").orderBy("id").stream(1)) names.push(name);
  assert.deepEqual(names, ["a", "b"]);
  for await (const _ of kysely.selectFrom("users").selectAll().stream(1)) break;

  // A request's ctx: the running query is canceled on the server, in a transaction too, and in a stream.
  using request = withCancel(ctx);
  const mine = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: face.with(request), cursor: Cursor }) });
  const sleep = raw`select pg_sleep(60)`;
  const alone = sleep.execute(mine);
  const inside = mine.transaction().execute(async (trx) => {
    await trx.insertInto("users").values({ name: "d" }).execute();
    await sleep.execute(trx);
  });
  const both = Promise.allSettled([alone, inside]);
  await eventually(ctx, "both run", async () => (await running(ctx, db)) === 2);
  request.cancel();
  for (const outcome of await both) {
    assert.equal(outcome.status === "rejected" && (outcome.reason as { code?: string }).code, "canceled");
  }
  await eventually(ctx, "nothing runs", async () => (await running(ctx, db)) === 0);
  assert.equal((await kysely.selectFrom("users").selectAll().execute()).length, 2);
  assert.equal(pool.stats().closedBroken, 0);
  await kysely.destroy();
  assert.equal(await pool.exec(ctx, "select 1"), 1);
});

databaseTest("Drizzle: queries, prepared ones, transactions that roll back, nested ones", async (ctx, db) => {
  const pool = await db.open({ maxConns: 2 });
  await pool.exec(ctx, SCHEMA);
  const users = pgTable("users", {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    name: text().notNull(),
    balance: numeric(),
  });
  const face = pgPool(pool, { ctx: () => ctx });
  const orm = drizzle({ client: face, schema: { users } });
  assert.deepEqual(await orm.insert(users).values({ name: "a", balance: "1.50" }).returning(), [
    { id: 1, name: "a", balance: "1.50" },
  ]);
  const byName = orm.query.users.findFirst({ where: eq(users.name, sql.placeholder("name")) }).prepare("by_name");
  for (let i = 0; i < 3; i++) assert.equal((await byName.execute({ name: "a" }))?.id, 1);
  await assert.rejects(
    orm.transaction(async (tx) => {
      await tx.insert(users).values({ name: "b" });
      assert.equal((await tx.select().from(users)).length, 2);
      throw new Error("boom");
    }),
    /boom/,
  );
  await orm.transaction(async (tx) => {
    await tx.insert(users).values({ name: "c" });
    await assert.rejects(
      tx.transaction(async (inner) => {
        await inner.insert(users).values({ name: "d" });
        inner.rollback();
      }),
    );
  });
  const names = await orm.select({ name: users.name }).from(users).orderBy(users.id);
  assert.deepEqual(names, [{ name: "a" }, { name: "c" }]);

  // Inside of a transaction of ours.
  await assert.rejects(
    pool.tx(ctx, async (ctx, tx) => {
      await drizzle(pgPool(tx, { ctx: () => ctx }))
        .insert(users)
        .values({ name: "e" });
      throw new Error("boom");
    }),
    /boom/,
  );
  assert.equal(await orm.$count(users), 2);
  using gone = withCancel(ctx);
  gone.cancel();
  await assert.rejects(drizzle(face.with(gone)).execute(sql`select 1`), (err: Error) => {
    // Drizzle wraps what it is told.
    assert.equal((err.cause as { code?: string }).code, "canceled");
    return true;
  });
});

databaseTest("pg-boss: sends, works, and enqueues in a transaction of ours", async (ctx, db) => {
  const pool = await db.open({ maxConns: 4 });
  await pool.exec(ctx, SCHEMA);
  const face = pgPool(pool, { ctx: () => ctx });
  const boss = new PgBoss({
    db: { executeSql: (statement, values) => face.query(statement, values) },
    supervise: false,
    schedule: false,
  });
  const errors: unknown[] = [];
  boss.on("error", (err) => errors.push(err));
  await boss.start();
  try {
    await boss.createQueue("mail");
    const worked: unknown[] = [];
    const three = Promise.withResolvers<void>();
    await boss.send("mail", { to: "a" });
    const enqueue = (to: string, fail: boolean): Promise<void> =>
      pool.tx(ctx, async (ctx, tx) => {
        const inTx = pgPool(tx, { ctx: () => ctx });
        await tx.exec(ctx, "insert into users (name) values ($1)", [to]);
        const options = { db: { executeSql: (s: string, v?: unknown[]) => inTx.query(s, v) } };
        await boss.send("mail", { to }, options);
        if (fail) throw new Error("boom");
      });
    await assert.rejects(enqueue("nobody", true), /boom/);
    await enqueue("b", false);
    await boss.send("mail", { to: "c" });
    await boss.work<{ to: string }>("mail", { pollingIntervalSeconds: 0.5 }, async ([job]) => {
      worked.push(job?.data.to);
      if (worked.length === 3) three.resolve();
      await Promise.resolve();
    });
    await three.promise;
    assert.deepEqual(worked, ["a", "b", "c"]);
    assert.deepEqual(await pool.many(ctx, "select name from users"), [{ name: "b" }]);
  } finally {
    await boss.stop({ graceful: true, timeout: 5000 });
  }
  assert.deepEqual(errors, []);
});
