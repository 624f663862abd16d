import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, after, test } from "node:test";
import { type Ctx, background, withCancel, withTimeout } from "millrace/context";
import { Failure, codeOf } from "millrace/errors";
import { loadMigrations, up } from "millrace/migrate";
import { type Pool, type Querier, SqlFailure, openPool, sql } from "millrace/sql";
import { pglite } from "millrace/sql/pglite";
import { postgres } from "millrace/sql/postgres";
import { testDatabase } from "millrace/test/postgres";

// The guide's migration, in a folder of its own.
const GUIDE = await readFile(join(import.meta.dirname, "database.md"), "utf8");
const MIGRATIONS = await mkdtemp(join(tmpdir(), "millrace-guide-"));
await writeFile(join(MIGRATIONS, "00001_books.sql"), /```sql\n(-- \+goose Up\n.*?)```/s.exec(GUIDE)?.[1] ?? "");
after(() => rm(MIGRATIONS, { recursive: true }));

// A test with an empty database of its own on a real server.
function example(name: string, fn: (ctx: Ctx, databaseUrl: string, t: TestContext) => Promise<void>): void {
  test(name, { timeout: 30_000 }, async (t) => {
    await using db = await testDatabase(background);
    await fn(background, db.url, t);
  });
}

interface Book {
  readonly id: bigint;
  readonly title: string;
  readonly price: string; // numeric is exact
  readonly publishedAt: Date | null;
}

const COLUMNS = sql`id, title, price, published_at`;

function findBook(ctx: Ctx, db: Querier, id: bigint): Promise<Book | undefined> {
  return db.maybe(ctx, sql<Book>`select ${COLUMNS} from books where id = ${id}`);
}

function listBooks(ctx: Ctx, db: Querier, find: { title?: string; ids?: readonly bigint[] }): Promise<Book[]> {
  const titled = find.title === undefined ? sql.empty : sql`and title like ${`%${find.title}%`}`;
  const listed = find.ids === undefined ? sql.empty : sql`and id = any(${find.ids})`;
  return db.many(ctx, sql<Book>`select ${COLUMNS} from books where true ${titled} ${listed} order by id limit 100`);
}

async function addBook(ctx: Ctx, db: Querier, title: string, price: string): Promise<bigint> {
  const insert = sql<{ id: bigint }>`insert into books (title, price) values (${title}, ${price}) returning id`;
  const { id } = await db.one(ctx, insert);
  return id;
}

async function publish(ctx: Ctx, db: Querier, id: bigint, at: Date): Promise<boolean> {
  return (await db.exec(ctx, sql`update books set published_at = ${at} where id = ${id}`)) > 0;
}

async function migrate(ctx: Ctx, pool: Pool, dir: string): Promise<void> {
  for (const { version, name } of await up(ctx, pool, loadMigrations(dir))) {
    console.log(`applied ${version} ${name}`);
  }
}

example("a pool, a schema and queries", async (ctx, databaseUrl, t) => {
  const log = t.mock.method(console, "log", () => undefined);
  await using pool = await openPool(ctx, postgres(databaseUrl), { maxConns: 20 });
  await migrate(ctx, pool, MIGRATIONS);
  await migrate(ctx, pool, MIGRATIONS);
  assert.deepEqual(
    log.mock.calls.map((call) => call.arguments),
    [["applied 1 books"]],
  );
  const id = await addBook(ctx, pool, "Note G", "12.5");
  assert.deepEqual(await findBook(ctx, pool, id), { id, title: "Note G", price: "12.50", publishedAt: null });
  assert.equal(await findBook(ctx, pool, 99n), undefined);
  const at = new Date("2026-05-01T10:00:00Z");
  assert.equal(await publish(ctx, pool, id, at), true);
  const [book] = await listBooks(ctx, pool, { ids: [id, 99n], title: "Note" });
  assert.deepEqual(book?.publishedAt, at);
  assert.equal((await listBooks(ctx, pool, {})).length, 1);
  assert.deepEqual(await listBooks(ctx, pool, { title: "' or true --" }), []);
});

async function renameBook(ctx: Ctx, db: Querier, id: bigint, title: string): Promise<Book> {
  try {
    return await db.one(ctx, sql<Book>`update books set title = ${title} where id = ${id} returning ${COLUMNS}`);
  } catch (err) {
    if (!(err instanceof SqlFailure) || err.constraint !== "books_title_key") throw err;
    const what = { code: "already_exists", reason: "book/title_taken", detail: "there is such a book" } as const;
    throw new Failure(`rename book ${id}`, { ...what, cause: err });
  }
}

example("errors", async (ctx, databaseUrl) => {
  await using pool = await openPool(ctx, postgres(databaseUrl));
  await up(ctx, pool, loadMigrations(MIGRATIONS));
  const id = await addBook(ctx, pool, "Note G", "1.00");
  await addBook(ctx, pool, "On weaving", "1.00");
  await assert.rejects(renameBook(ctx, pool, id, "On weaving"), { code: "already_exists", reason: "book/title_taken" });
  await assert.rejects(renameBook(ctx, pool, 99n, "x"), { code: "not_found", reason: "sql/no_rows" });
  const cases: [statement: string, args: unknown[], code: string, reason: string][] = [
    ["insert into books (title, price) values ($1, 1)", ["Note G"], "already_exists", "sql/unique_violation"],
    ["insert into sales (book_id, count) values ($1, 1)", [99], "failed_precondition", "sql/foreign_key_violation"],
    ["insert into books (title, price) values ($1, -1)", ["x"], "failed_precondition", "sql/check_violation"],
    ["insert into books (title) values ($1)", ["x"], "invalid_argument", "sql/not_null_violation"],
    ["select $1::int", ["many"], "invalid_argument", "sql/bad_text_representation"],
    ["select $1::int", [new Map()], "invalid_argument", "sql/bad_argument"],
    ["selekt $1::int", [1], "internal", "sql/syntax_error"],
  ];
  for (const [statement, args, code, reason] of cases) {
    await assert.rejects(pool.query(ctx, statement, args), { code, reason });
  }
});

async function sell(ctx: Ctx, pool: Pool, bookId: bigint, count: number): Promise<bigint> {
  return pool.tx(ctx, async (ctx, tx) => {
    const take = sql`update stock set count = count - ${count} where book_id = ${bookId} and count >= ${count}`;
    if ((await tx.exec(ctx, take)) === 0) {
      throw new Failure("sell: too few", { code: "failed_precondition", reason: "stock/too_few" }); // rolls back
    }
    const record = sql<{ id: bigint }>`insert into sales (book_id, count) values (${bookId}, ${count}) returning id`;
    const { id } = await tx.one(ctx, record);
    return id; // commits
  });
}

async function importBooks(ctx: Ctx, pool: Pool, titles: readonly string[]): Promise<string[]> {
  const refused: string[] = [];
  await pool.tx(ctx, async (ctx, tx) => {
    for (const title of titles) {
      try {
        await tx.tx(ctx, (ctx, inner) => addBook(ctx, inner, title, "1.00"));
      } catch (err) {
        if (codeOf(err) !== "already_exists") throw err;
        refused.push(title); // the savepoint is rolled back, the transaction goes on
      }
    }
  });
  return refused;
}

example("transactions", async (ctx, databaseUrl) => {
  await using pool = await openPool(ctx, postgres(databaseUrl));
  await up(ctx, pool, loadMigrations(MIGRATIONS));
  const id = await addBook(ctx, pool, "Note G", "1.00");
  await pool.exec(ctx, "insert into stock (book_id, count) values ($1, 5)", [id]);
  const sales = await Promise.allSettled(Array.from({ length: 4 }, () => sell(ctx, pool, id, 2)));
  assert.equal(sales.filter(({ status }) => status === "fulfilled").length, 2);
  assert.deepEqual(await pool.one(ctx, "select count from stock"), { count: 1 });
  assert.deepEqual(await importBooks(ctx, pool, ["A", "Note G", "B", "A"]), ["Note G", "A"]);
  assert.deepEqual(await pool.one(ctx, "select count(*) from books"), { count: 3n });
  const nested = pool.tx(ctx, (ctx) => pool.many(ctx, "select 1"));
  await assert.rejects(nested, { code: "failed_precondition", reason: "sql/nested_acquire" });
});

async function loadBooks(ctx: Ctx, db: Querier, lines: AsyncIterable<string>): Promise<number> {
  async function* books() {
    for await (const line of lines) yield line.split("\t");
  }
  return db.copyFrom(ctx, "books", ["title", "price"], books()); // all or none
}

async function* priceList(ctx: Ctx, db: Querier) {
  const all = sql<Pick<Book, "title" | "price">>`select title, price from books order by title`;
  for await (const { title, price } of db.rows(ctx, all)) yield `${title}\t${price}\n`;
}

async function shelf(ctx: Ctx, db: Querier): Promise<{ books: bigint; newest: string | undefined }> {
  const [count, newest] = await db.batch(ctx, [
    sql<{ n: bigint }>`select count(*) as n from books`,
    sql<{ title: string }>`select title from books order by id desc limit 1`,
  ]);
  return { books: count.rows[0]?.n ?? 0n, newest: newest.rows[0]?.title };
}

example("many rows", async (ctx, databaseUrl) => {
  await using pool = await openPool(ctx, postgres(databaseUrl));
  await up(ctx, pool, loadMigrations(MIGRATIONS));
  async function* lines() {
    for (let i = 0; i < 1000; i++) yield `Volume ${String(i).padStart(4, "0")}\t${i}.50`;
  }
  assert.equal(await loadBooks(ctx, pool, lines()), 1000);
  const again = loadBooks(ctx, pool, lines());
  await assert.rejects(again, { code: "already_exists", reason: "sql/unique_violation" });
  const listed: string[] = [];
  for await (const line of priceList(ctx, pool)) listed.push(line);
  assert.deepEqual([listed.length, listed[1]], [1000, "Volume 0001\t1.50\n"]);
  for await (const line of priceList(ctx, pool)) {
    assert.equal(line, listed[0]);
    break;
  }
  assert.deepEqual(await shelf(ctx, pool), { books: 1000n, newest: "Volume 0999" });
});

async function slowReport(ctx: Ctx, pool: Pool): Promise<number> {
  using soon = withTimeout(ctx, 200);
  const { n } = await pool.one(soon, sql<{ n: number }>`select 1 as n from pg_sleep(30)`);
  return n;
}

example("deadlines and cancellation", async (ctx, databaseUrl) => {
  await using pool = await openPool(ctx, postgres(databaseUrl), { maxConns: 2 });
  const started = performance.now();
  await assert.rejects(slowReport(ctx, pool), { code: "deadline_exceeded" });
  assert.ok(performance.now() - started < 20_000);
  using client = withCancel(ctx);
  const running = assert.rejects(pool.many(client, "select pg_sleep(30)"), { code: "canceled" });
  client.cancel(new Error("the client has gone"));
  await running;
  const others = `select from pg_stat_activity
    where datname = current_database() and state = 'active' and pid <> pg_backend_pid()`;
  while ((await pool.many(ctx, others)).length > 0);
});

example("who holds the connections", async (ctx, databaseUrl) => {
  const bounds = { maxConns: 1, acquireTimeoutMs: 50 };
  await using pool = await openPool(ctx, postgres(databaseUrl), bounds);
  const [held, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = pool.tx(ctx, async function nightlyReport(ctx, tx) {
    await tx.exec(ctx, "select 1");
    held.resolve();
    await done.promise;
  });
  await held.promise;
  await assert.rejects(pool.many(ctx, "select 2"), (err: Failure) => {
    assert.deepEqual([err.code, err.reason, err.retryable], ["resource_exhausted", "sql/pool_timeout", true]);
    const message =
      /^sql: no connection within \d+ms: 1 of 1 connections in use, 0 waiting, held by tx nightlyReport \(select 1\) for [\d.]+ms$/;
    assert.match(err.message, message);
    return true;
  });
  done.resolve();
  await holding;
  assert.equal(pool.stats().timeouts, 1);
});

test("no more is sold than there is", async () => {
  using ctx = withTimeout(background, 10_000);
  await using db = await testDatabase(ctx, { migrations: MIGRATIONS });
  const pool = await db.open(ctx);
  const id = await addBook(ctx, pool, "Note G", "1.00");
  await pool.exec(ctx, sql`insert into stock (book_id, count) values (${id}, 5)`);
  const sales = await Promise.allSettled([sell(ctx, pool, id, 3), sell(ctx, pool, id, 3)]);
  assert.deepEqual(sales.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
});

test("the embedded database", { timeout: 60_000 }, async () => {
  const ctx = background;
  const dir = await mkdtemp(join(tmpdir(), "millrace-guide-"));
  try {
    await using pool = await openPool(ctx, pglite({ dir: join(dir, "books") }));
    assert.deepEqual(pool.driver.can, { cancel: false, advisoryLocks: false });
    await up(ctx, pool, loadMigrations(MIGRATIONS));
    assert.equal(await addBook(ctx, pool, "Note G", "1.00"), 1n);
  } finally {
    await rm(dir, { recursive: true });
  }
});
