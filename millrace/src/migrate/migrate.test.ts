import assert from "node:assert/strict";
import { type Ctx, withCancel, withTimeout } from "../context/index.ts";
import { type Failure, as } from "../errors/index.ts";
import { type Driver, type Querier, SqlFailure, openPool } from "../sql/index.ts";
import { postgres } from "../sql/postgres/index.ts";
import { databaseTest } from "../sql/testing/database.ts";
import {
  type Migration,
  type MigrationFailure,
  type UpOptions,
  down,
  parseMigration,
  redo,
  status,
  up,
} from "./index.ts";

const users = parseMigration(
  "1_users.sql",
  "-- +goose Up\ncreate table users (id int);\ninsert into users values (1);\n-- +goose Down\ndrop table users;",
);
const posts = parseMigration(
  "3_posts.sql",
  "-- +goose Up\ncreate table posts (id int);\n-- +goose Down\ndrop table posts;",
);

const tables = async (ctx: Ctx, db: Querier): Promise<unknown[]> =>
  (
    await db.many(
      ctx,
      "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'goose_db_version' order by 1",
    )
  ).map((row) => row["relname"]);

const files = (migrations: readonly Migration[]): string[] => migrations.map(({ file }) => file);

databaseTest("up, to, status, down", async (ctx, db) => {
  const pool = await db.open();
  const all = [posts, users];
  const states = async (): Promise<string[]> => (await status(ctx, pool, all)).map(({ state }) => state);
  assert.deepEqual(await states(), ["pending", "pending"]);
  assert.deepEqual(await down(ctx, pool, all), []);
  assert.deepEqual(files(await up(ctx, pool, all, { to: 1n })), ["1_users.sql"]);
  assert.deepEqual(await states(), ["applied", "pending"]);
  assert.deepEqual(files(await up(ctx, pool, all)), ["3_posts.sql"]);
  assert.deepEqual(await up(ctx, pool, all), []);
  assert.deepEqual(await tables(ctx, pool), ["posts", "users"]);
  assert.equal((await down(ctx, pool, all))[0]?.file, "3_posts.sql");
  assert.deepEqual(await states(), ["applied", "pending"]);
  assert.deepEqual(files(await up(ctx, pool, all)), ["3_posts.sql"]);
  await down(ctx, pool, all);
  await down(ctx, pool, all);
  assert.deepEqual(await tables(ctx, pool), []);
  await assert.rejects(up(ctx, pool, all, { to: 2n }), { reason: "migrate/unknown_version" });
});

databaseTest("down to a version, redo, out of order, and dry runs of all that", async (ctx, db) => {
  const pool = await db.open();
  const all = [users, posts];
  const dryRun = true;
  assert.deepEqual(files(await up(ctx, pool, all, { dryRun })), ["1_users.sql", "3_posts.sql"]);
  assert.deepEqual(files(await up(ctx, pool, all, { dryRun, to: 1n })), ["1_users.sql"]);
  assert.deepEqual((await status(ctx, pool, all))[0]?.state, "pending");
  await up(ctx, pool, all);

  // The last one may have been edited: that is what redo is for. One before it may not.
  const edited = parseMigration(
    "3_posts.sql",
    `-- +goose Up\ncreate table posts (n int);\n-- +goose Down\ndrop table posts;`,
  );
  assert.equal((await redo(ctx, pool, [users, edited], { dryRun }))?.file, "3_posts.sql");
  await assert.rejects(pool.query(ctx, "select n from posts"), { reason: "sql/undefined_column" });
  assert.equal((await redo(ctx, pool, [users, edited]))?.file, "3_posts.sql");
  await pool.query(ctx, "select n from posts");
  const other = parseMigration("1_users.sql", "-- +goose Up\nselect 1;");
  await assert.rejects(redo(ctx, pool, [other, edited]), { reason: "migrate/changed" });

  const between = parseMigration("2_b.sql", "-- +goose Up\ncreate table b (id int);\n-- +goose Down\ndrop table b;");
  assert.deepEqual(files(await up(ctx, pool, [users, between, edited], { outOfOrder: true })), ["2_b.sql"]);
  const now = [users, between, edited];
  assert.deepEqual(files(await down(ctx, pool, now, { dryRun, to: 1n })), ["3_posts.sql", "2_b.sql"]);
  assert.deepEqual(files(await down(ctx, pool, now, { to: 1n })), ["3_posts.sql", "2_b.sql"]);
  await up(ctx, pool, now);
  await assert.rejects(down(ctx, pool, now, { to: 7n }), { reason: "migrate/unknown_version" });
  assert.equal((await down(ctx, pool, now, { to: 0n })).length, 3);
  assert.equal(await redo(ctx, pool, now), undefined);
  assert.deepEqual(await tables(ctx, pool), []);
  const irreversible = [parseMigration("1_a.sql", "-- +goose Up\nselect 1;"), posts];
  await up(ctx, pool, irreversible);
  await assert.rejects(down(ctx, pool, irreversible, { to: 0n }), { reason: "migrate/irreversible" });
  assert.deepEqual(await tables(ctx, pool), ["posts"]);
});

databaseTest("who waits, and what runs, is reported", async (ctx, db) => {
  const pools = await Promise.all([db.open(), db.open()]);
  const events: string[] = [];
  const second = Promise.withResolvers<unknown>();
  const options: UpOptions = {
    report: (event) => {
      events.push(event.kind === "waiting" ? event.kind : `${event.kind} ${event.direction} ${event.migration.file}`);
    },
  };
  const first = up(ctx, pools[0], [users], {
    report: ({ kind }) => {
      if (kind === "begin") second.resolve(up(ctx, pools[1], [users, posts], options));
    },
  });
  await first;
  await second.promise;
  assert.deepEqual(events.slice(-2), ["begin up 3_posts.sql", "end up 3_posts.sql"]);
  assert.ok(events.length === 2 || events[0] === "waiting");
});

databaseTest("three at once, on three pools: each migration is applied once", async (ctx, db) => {
  const pools = await Promise.all([db.open(), db.open(), db.open({ maxConns: 1 })]);
  const slow = parseMigration("2_slow.sql", "-- +goose Up\nselect pg_sleep(0.1);\ncreate table slow (id int);");
  const done = await Promise.all(pools.map((pool) => up(ctx, pool, [users, slow, posts])));
  assert.deepEqual(
    done.map((applied) => applied.length).toSorted((a, b) => a - b),
    [0, 0, 3],
  );
  assert.deepEqual(await pools[0].one(ctx, "select count(*)::int as n from users"), { n: 1 });
});

databaseTest("waiting for the lock ends with the context, and leaves no lock behind", async (ctx, db) => {
  const pool = await db.open();
  const holding = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holder = pool.withConn(ctx, async (ctx, session) => {
    await session.exec(ctx, "select pg_advisory_lock(5887940537704921958)");
    holding.resolve();
    await release.promise;
    await session.exec(ctx, "select pg_advisory_unlock(5887940537704921958)");
  });
  await holding.promise;
  using short = withTimeout(ctx, 50);
  await assert.rejects(up(short, pool, [users]), { code: "deadline_exceeded" });
  release.resolve();
  await holder;
  assert.equal((await up(ctx, pool, [users])).length, 1);
});

databaseTest("a migration whose context ends is rolled back, and the lock with it", async (ctx, db) => {
  const pool = await db.open();
  const slow = parseMigration("2_slow.sql", "-- +goose Up\ncreate table slow (id int);\nselect pg_sleep(30);");
  using short = withTimeout(ctx, 2000);
  await assert.rejects(up(short, pool, [users, slow]), {
    code: "deadline_exceeded",
    message: /2_slow\.sql:3: statement 2 of 2/,
  });
  assert.deepEqual(await tables(ctx, pool), ["users"]);
  assert.equal((await up(ctx, pool, [users])).length, 0);
});

databaseTest("drift, a missing file and one out of order are refused before anything is changed", async (ctx, db) => {
  const pool = await db.open();
  await up(ctx, pool, [users, posts]);
  const later = parseMigration("9_later.sql", "-- +goose Up\ncreate table later (id int);");
  const between = parseMigration("2_between.sql", "-- +goose Up\ncreate table between_ (id int);");
  const changed = parseMigration("3_posts.sql", "-- +goose Up\ncreate table posts (id int, n int);");
  const cases = [
    {
      given: [users, changed, later],
      reason: "migrate/changed",
      message: /3_posts\.sql was changed/,
      state: "changed",
    },
    { given: [users, later], reason: "migrate/missing", message: /version 3 is applied/, state: "missing" },
    {
      given: [users, between, posts, later],
      reason: "migrate/out_of_order",
      message: /2_between/,
      state: "out_of_order",
    },
  ];
  for (const { given, reason, message, state } of cases) {
    await assert.rejects(up(ctx, pool, given), { code: "failed_precondition", reason, message });
    await assert.rejects(down(ctx, pool, given), { reason });
    assert.ok((await status(ctx, pool, given)).some((one) => one.state === state));
  }
  assert.deepEqual(await tables(ctx, pool), ["posts", "users"]);
  await up(ctx, pool, [users, posts, later]);
  await assert.rejects(down(ctx, pool, [users, posts, later]), { reason: "migrate/irreversible" });
});

databaseTest(
  "a failing statement names its place; its migration is rolled back, those before stay",
  async (ctx, db) => {
    const pool = await db.open();
    const bad = parseMigration("2_bad.sql", "-- +goose Up\ncreate table half (id int);\n\nselect nope;\n");
    await assert.rejects(up(ctx, pool, [users, bad]), (err: Failure) => {
      assert.equal(err.reason, "migrate/failed");
      assert.match(
        err.message,
        /2_bad\.sql:4:8: statement 2 of 2 \(nothing of it was applied\): .*"nope" does not exist/,
      );
      assert.deepEqual((err as MigrationFailure).place, {
        file: "2_bad.sql",
        line: 4,
        column: 8,
        source: "select nope;",
        what: "statement 2 of 2 (nothing of it was applied)",
      });
      assert.equal(as(err, SqlFailure)?.sqlState, "42703");
      return true;
    });
    assert.deepEqual(await tables(ctx, pool), ["users"]);
    const fixed = parseMigration("2_bad.sql", "-- +goose Up\ncreate table half (id int);");
    assert.deepEqual(files(await up(ctx, pool, [users, fixed])), ["2_bad.sql"]);
  },
);

databaseTest("NO TRANSACTION: an index is built concurrently while others wait for the lock", async (ctx, db) => {
  const pools = await Promise.all([db.open(), db.open()]);
  const index = parseMigration(
    "2_index.sql",
    "-- +goose NO TRANSACTION\n-- +goose Up\nselect pg_sleep(0.1);\ncreate index concurrently i on users (id);\n-- +goose Down\ndrop index concurrently i;",
  );
  const done = await Promise.all(pools.map((pool) => up(ctx, pool, [users, index])));
  assert.deepEqual(
    done.map((applied) => applied.length).toSorted((a, b) => a - b),
    [0, 2],
  );
  assert.equal((await down(ctx, pools[0], [users, index]))[0]?.file, "2_index.sql");
});

databaseTest("a table that goose made is taken over", async (ctx, db) => {
  const pool = await db.open();
  await pool.withConn(ctx, (ctx, session) =>
    session.script(
      ctx,
      `create table goose_db_version (id serial primary key, version_id bigint not null, is_applied boolean not null,
         tstamp timestamp default now());
       insert into goose_db_version (version_id, is_applied) values (0, true), (1, true), (3, true), (3, false)`,
    ),
  );
  const states = (await status(ctx, pool, [users, posts])).map(({ state }) => state);
  assert.deepEqual(states, ["applied", "pending"]);
  assert.deepEqual(files(await up(ctx, pool, [users, posts])), ["3_posts.sql"]);
});

databaseTest("without advisory locks, who shares the pool takes turns", async (ctx, db) => {
  const real = postgres(db.url);
  const driver: Driver = { ...real, can: { ...real.can, advisoryLocks: false } };
  await using pool = await openPool(ctx, driver);
  const slow = parseMigration("2_slow.sql", "-- +goose Up\nselect pg_sleep(0.1);\ncreate table slow (id int);");
  const first = up(ctx, pool, [users, slow]);
  using gone = withCancel(ctx);
  const second = up(gone, pool, [users, slow]);
  const third = up(ctx, pool, [users, slow]);
  gone.cancel();
  await assert.rejects(second, { code: "canceled" });
  assert.deepEqual(
    (await Promise.all([first, third])).map((applied) => applied.length),
    [2, 0],
  );
});
