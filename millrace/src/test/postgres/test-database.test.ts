import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { type Ctx, background, withTimeout } from "../../context/index.ts";
import { loadMigrations, parseMigration } from "../../migrate/index.ts";
import { type Pool, openPool } from "../../sql/index.ts";
import { postgres } from "../../sql/postgres/index.ts";
import { type TestDatabaseOptions, testDatabase } from "./index.ts";
import { serverUrl } from "./server.ts";
import { sweep, testName } from "./sweep.ts";
import { templateName } from "./template.ts";

const server = process.env["DATABASE_URL"];
const skip = server === undefined || server === "" ? "needs DATABASE_URL" : false;
const TEST_MS = 30_000;

/** unique is a schema that no other run of these tests has, so that its template is made here. */
const unique = () => parseMigration("1_t.sql", `-- +goose Up\ncreate table t (n int); -- ${crypto.randomUUID()}\n`);

async function withAdmin(fn: (ctx: Ctx, admin: Pool) => Promise<void>): Promise<void> {
  using ctx = withTimeout(background, TEST_MS);
  await using admin = await openPool(ctx, postgres(server!), { maxConns: 1 });
  await fn(ctx, admin);
}

const databases = async (ctx: Ctx, admin: Pool, name: string): Promise<number> =>
  (
    await admin.one<{ n: number }>(ctx, "select count(*)::int as n from pg_database where starts_with(datname, $1)", [
      name,
    ])
  ).n;

test("each test has a database of its own, made of one template and dropped at its end", { skip }, () =>
  withAdmin(async (ctx, admin) => {
    let made = 0;
    const migrations = [unique()];
    const prepare = {
      key: "three",
      run: async (ctx: Ctx, pool: Pool) => {
        made++;
        await pool.exec(ctx, "insert into t values (3)");
      },
    };
    const options: TestDatabaseOptions = { migrations, prepare };
    const template = templateName({ migrations, prepare });
    const names: string[] = [];
    {
      await using stack = new AsyncDisposableStack();
      // At once: one of them makes the template, the others wait for it.
      const all = await Promise.all(Array.from({ length: 8 }, () => testDatabase(ctx, options)));
      for (const [i, db] of all.entries()) {
        stack.use(db);
        names.push(new URL(db.url).pathname.slice(1));
        const pool = await db.open(ctx);
        await pool.exec(ctx, "insert into t values ($1)", [10 + i]);
        assert.deepEqual(await pool.many(ctx, "select n from t order by n"), [{ n: 3 }, { n: 10 + i }]);
      }
      assert.equal(made, 1);
      assert.equal(await databases(ctx, admin, template), 1);
    }
    for (const name of names) assert.equal(await databases(ctx, admin, name), 0);
    // Another key is another template.
    await using other = await testDatabase(ctx, { migrations, prepare: { ...prepare, key: "other" } });
    assert.equal(made, 2);
    assert.deepEqual(await (await other.open(ctx)).many(ctx, "select n from t"), [{ n: 3 }]);
    for (const key of ["three", "other"]) {
      await admin.exec(ctx, `drop database ${templateName({ migrations, prepare: { ...prepare, key } })}`);
    }
  }),
);

test("a template that could not be made leaves nothing that is taken for one", { skip }, () =>
  withAdmin(async (ctx, admin) => {
    const migrations = [unique(), parseMigration("2_bad.sql", "-- +goose Up\nselect nope;\n")];
    const template = templateName({ migrations, prepare: undefined });
    await assert.rejects(testDatabase(ctx, { migrations }), { reason: "migrate/failed" });
    await assert.rejects(testDatabase(ctx, { migrations }), { reason: "migrate/failed" });
    await assert.rejects(admin.exec(ctx, `create database x template ${template}`), /does not exist/);
    await admin.exec(ctx, `drop database if exists ${template}_half with (force)`);
  }),
);

test("a folder is the schema; without one the database is empty", { skip }, (t) =>
  withAdmin(async (ctx, admin) => {
    const dir = mkdtempSync(path.join(tmpdir(), "millrace-test-"));
    t.after(() => rmSync(dir, { recursive: true }));
    writeFileSync(path.join(dir, "1_t.sql"), `-- +goose Up\ncreate table t (n int); -- ${crypto.randomUUID()}\n`);
    await using db = await testDatabase(ctx, { migrations: dir });
    assert.equal(await (await db.open(ctx)).exec(ctx, "insert into t values (1)"), 1);
    await using empty = await testDatabase(ctx);
    const tables = "select relname from pg_class where relnamespace = 'public'::regnamespace";
    assert.deepEqual(await (await empty.open(ctx)).many(ctx, tables), []);
    await admin.exec(ctx, `drop database ${templateName({ migrations: loadMigrations(dir), prepare: undefined })}`);
  }),
);

test("what killed tests left is swept after an hour, templates after a week", { skip }, () =>
  withAdmin(async (ctx, admin) => {
    const hours = (n: number): number => Date.now() - n * 3_600_000;
    const run = crypto.randomUUID().slice(0, 8);
    const cases = [
      { name: testName(hours(2)), made: undefined, left: 0 },
      { name: testName(hours(0.5)), made: undefined, left: 1 },
      { name: `millrace_template_old${run}`, made: hours(24 * 8), left: 0 },
      { name: `millrace_template_new${run}`, made: hours(24 * 6), left: 1 },
      { name: `millrace_template_${run}_half`, made: undefined, left: 1 },
    ];
    for (const { name, made } of cases) {
      await admin.exec(ctx, `create database ${name} template template0`);
      if (made !== undefined) await admin.exec(ctx, `comment on database ${name} is '${new Date(made).toISOString()}'`);
    }
    await sweep(ctx, admin);
    for (const { name, left } of cases) {
      assert.equal(await databases(ctx, admin, name), left, name);
      await admin.exec(ctx, `drop database if exists ${name}`);
    }
  }),
);

test("what is given comes before DATABASE_URL", async () => {
  assert.equal(await serverUrl(background, "postgres://other/x"), "postgres://other/x");
  if (!skip) assert.equal(await serverUrl(background, undefined), server);
});

const installed = globSync("/usr/lib/postgresql/*/bin/postgres").length > 0;

test(
  "without DATABASE_URL a process has a server of its own, which does not keep it alive",
  {
    skip: installed ? false : "needs PostgreSQL: apt-get install postgresql",
    timeout: TEST_MS,
  },
  async () => {
    const program = `
    import { background } from "millrace/context";
    import { testDatabase } from "millrace/test/postgres";
    for (let i = 0; i < 2; i++) {
      await using db = await testDatabase(background);
      const pool = await db.open(background);
      console.log(JSON.stringify(await pool.one(background, "select inet_server_port() as port")));
    }`;
    const args = ["--conditions=@millrace/source", "--input-type=module", "-e", program];
    const env = { ...process.env, DATABASE_URL: "" };
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, env });
    const [first, second, ...more] = stdout.trim().split("\n");
    assert.match(first ?? "", /^\{"port":\d+\}$/);
    assert.equal(second, first);
    assert.deepEqual(more, []);
  },
);
