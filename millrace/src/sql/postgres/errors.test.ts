import assert from "node:assert/strict";
import type { Ctx } from "../../context/index.ts";
import { isRetryable } from "../../errors/index.ts";
import { type Pool, SqlFailure } from "../index.ts";
import { databaseTest, eventually } from "../testing/database.ts";

const SCHEMA = `
  create table parent (id int primary key, name text not null, age int constraint adult check (age >= 18));
  create table child (parent_id int constraint child_parent references parent);
  create table room (during int4range, constraint no_overlap exclude using gist (during with &&));
  create table late (id int constraint late_once unique deferrable initially deferred);
  insert into parent values (1, 'a', 20), (2, 'b', 20);
  insert into child values (1);
  insert into room values ('[1,5)');
  insert into late values (1);`;

interface Case {
  readonly name: string;
  readonly run: (ctx: Ctx, pool: Pool) => Promise<unknown>;
  readonly want: Partial<SqlFailure>;
}

const says =
  (text: string) =>
  (ctx: Ctx, pool: Pool): Promise<unknown> =>
    pool.exec(ctx, text);

const within =
  (setting: string, text: string) =>
  (ctx: Ctx, pool: Pool): Promise<unknown> =>
    pool.tx(ctx, async (ctx, tx) => {
      await tx.exec(ctx, `set local ${setting}`);
      await tx.exec(ctx, text);
    });

const cases: readonly Case[] = [
  {
    name: "unique",
    run: says("insert into parent values (1, 'b', 20)"),
    want: { code: "already_exists", reason: "sql/unique_violation", constraint: "parent_pkey", table: "parent" },
  },
  {
    name: "unique, at the commit",
    run: (ctx, pool) => pool.tx(ctx, (ctx, tx) => tx.exec(ctx, "insert into late values (1)")),
    want: { code: "already_exists", reason: "sql/unique_violation", constraint: "late_once", table: "late" },
  },
  {
    name: "foreign key",
    run: says("insert into child values (9)"),
    want: {
      code: "failed_precondition",
      reason: "sql/foreign_key_violation",
      constraint: "child_parent",
      table: "child",
    },
  },
  {
    name: "foreign key, the other way",
    run: says("delete from parent"),
    want: { code: "failed_precondition", reason: "sql/foreign_key_violation", constraint: "child_parent" },
  },
  {
    name: "check",
    run: says("insert into parent values (3, 'c', 1)"),
    want: { code: "failed_precondition", reason: "sql/check_violation", constraint: "adult", table: "parent" },
  },
  {
    name: "not null",
    run: says("insert into parent values (3, null, 20)"),
    want: { code: "invalid_argument", reason: "sql/not_null_violation", column: "name", table: "parent" },
  },
  {
    name: "exclusion",
    run: says("insert into room values ('[4,6)')"),
    want: { code: "failed_precondition", reason: "sql/exclusion_violation", constraint: "no_overlap", table: "room" },
  },
  {
    name: "statement_timeout",
    run: within("statement_timeout = 20", "select pg_sleep(30)"),
    want: { code: "deadline_exceeded", reason: "sql/statement_timeout", sqlState: "57014" },
  },
  {
    name: "lock_timeout",
    run: (ctx, pool) => locked(ctx, pool, within("lock_timeout = 20", "update parent set name = 'x' where id = 1")),
    want: { code: "aborted", reason: "sql/lock_timeout", retryable: true },
  },
  {
    name: "nowait",
    run: (ctx, pool) => locked(ctx, pool, says("select from parent where id = 1 for update nowait")),
    want: { code: "aborted", reason: "sql/lock_not_available", retryable: true },
  },
  {
    name: "canceled by somebody else",
    run: (ctx, pool) => struck(ctx, pool, "pg_cancel_backend"),
    want: { code: "canceled", reason: "sql/query_canceled", retryable: false },
  },
  {
    name: "connection",
    run: (ctx, pool) => struck(ctx, pool, "pg_terminate_backend"),
    want: { code: "unavailable", reason: "sql/connection_lost", retryable: false },
  },
  {
    name: "serialization",
    run: async (ctx, pool) => {
      await using one = await pool.begin(ctx, { isolation: "repeatable read" });
      await one.exec(ctx, "select from parent");
      await pool.exec(ctx, "update parent set name = 'x' where id = 1");
      await one.exec(ctx, "update parent set name = 'y' where id = 1");
    },
    want: { code: "aborted", reason: "sql/serialization_failure", retryable: true },
  },
  {
    name: "deadlock",
    run: async (ctx, pool) => {
      await using one = await pool.begin(ctx);
      await using two = await pool.begin(ctx);
      await one.exec(ctx, "update parent set name = 'x' where id = 1");
      await two.exec(ctx, "update parent set name = 'x' where id = 2");
      const both = await Promise.allSettled(
        [
          one.exec(ctx, "update parent set name = 'x' where id = 2").then(() => one.rollback(ctx)),
          two.exec(ctx, "update parent set name = 'x' where id = 1").then(() => two.rollback(ctx)),
          // Whoever is the victim: the other one goes on when it is rolled back.
        ].map((other, i) =>
          other.catch(async (err: unknown) => {
            await [one, two][i]!.rollback(ctx);
            throw err;
          }),
        ),
      );
      for (const side of both) if (side.status === "rejected") throw side.reason;
    },
    want: { code: "aborted", reason: "sql/deadlock", retryable: true },
  },
];

for (const { name, run, want } of cases) {
  databaseTest(`what is told of an error: ${name}`, async (ctx, db) => {
    const pool = await db.open({ maxConns: 4 });
    await pool.withConn(ctx, (ctx, session) => session.script(ctx, SCHEMA));
    await assert.rejects(run(ctx, pool), (err) => {
      assert.ok(err instanceof SqlFailure);
      for (const [key, value] of Object.entries(want)) assert.equal(err[key as keyof SqlFailure], value, key);
      assert.equal(isRetryable(err), want.retryable ?? false);
      return true;
    });
  });
}

async function locked(ctx: Ctx, pool: Pool, run: Case["run"]): Promise<void> {
  await using holder = await pool.begin(ctx);
  await holder.exec(ctx, "update parent set name = 'held' where id = 1");
  await run(ctx, pool);
}

async function struck(ctx: Ctx, pool: Pool, how: string): Promise<void> {
  const strike = eventually(ctx, "it has struck", async () => {
    const text = `select ${how}(pid) from pg_stat_activity where query = 'select pg_sleep(30)' and state = 'active'`;
    return (await pool.exec(ctx, text)) > 0;
  });
  await Promise.all([pool.exec(ctx, "select pg_sleep(30)"), strike]);
}
