import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, describe, test } from "node:test";
import { Secret } from "millrace/secret";
import { databaseTest } from "../../../millrace/src/sql/testing/database.ts";
import { memoryIo } from "../testing/memory-io.ts";
import { nextVersion } from "./create.ts";
import { redact } from "./database.ts";
import { run } from "./main.ts";

const USERS = "-- +goose Up\ncreate table users (id int);\n-- +goose Down\ndrop table users;\n";
const BAD = "-- +goose Up\nselect 1;\nselect 'ä',\n\tnope from users;\n";
const INDEX =
  "-- +goose NO TRANSACTION\n-- +goose Up\ninsert into users values (1);\nselect 1 / (select count(*) - 1 from users);\n";

/** setup is a folder of migrations and a way to run a command there. */
async function setup(t: TestContext, files: Readonly<Record<string, string>>, url?: string) {
  const cwd = await mkdtemp(join(tmpdir(), "millrace-cli-"));
  t.after(() => rm(cwd, { recursive: true }));
  await mkdir(join(cwd, "db/migrations"), { recursive: true });
  const write = (name: string, text: string) => writeFile(join(cwd, "db/migrations", name), text);
  for (const [name, text] of Object.entries(files)) await write(name, text);
  const millrace = async (...args: readonly string[]) => {
    const io = memoryIo({ cwd, env: url === undefined ? {} : { DATABASE_URL: url } });
    const code = await run(args, io);
    return { code, out: io.stdout.text.replaceAll(/\([\d.]+m?s\)/g, "(…)"), err: io.stderr.text };
  };
  return { cwd, write, millrace };
}

databaseTest("up, status, check, down, redo, and what they say", async (_ctx, db, t) => {
  const { write, millrace } = await setup(t, { "00001_users.sql": USERS }, db.url);
  const fill = 'export async function up(ctx, tx) { await tx.exec(ctx, "insert into users values (1)"); }';
  await write("00002_fill.ts", fill);
  const dry = await millrace("up", "--dry-run");
  assert.equal(
    dry.out,
    `-- db/migrations/00001_users.sql (one transaction)
-- db/migrations/00001_users.sql:2
create table users (id int);

-- db/migrations/00002_fill.ts: up(ctx, …)
`,
  );
  assert.match((await millrace("check")).out, /^2 migrations read, 2 pending; the database agrees/);
  assert.deepEqual(await millrace("up"), {
    code: 0,
    out: "00001_users.sql applied (…)\n00002_fill.ts applied (…)\n2 migrations applied\n",
    err: "",
  });
  assert.deepEqual(await millrace("up"), { code: 0, out: "nothing to do\n", err: "" });
  assert.match(
    (await millrace("status")).out,
    /^VERSION {2}STATE {4}APPLIED AT {12}FILE\n1 {8}applied {2}\d{4}-.*Z {2}00001_users\.sql\n/,
  );
  const [first] = JSON.parse((await millrace("status", "--json")).out);
  assert.deepEqual([first.version, first.file, first.state], ["1", "00001_users.sql", "applied"]);

  await write("00002_fill.ts", `${fill} export async function down() {}`);
  const changed = await millrace("up");
  assert.equal(changed.code, 1);
  assert.match(
    changed.err,
    /^migrate: 00002_fill\.ts was changed after it was applied\nhint: .*`millrace migrate redo`/,
  );
  assert.deepEqual(await millrace("check"), {
    code: 1,
    out: "",
    err: "00002_fill.ts was changed after it was applied\n",
  });
  assert.match((await millrace("redo", "--dry-run")).out, /fill\.ts: down\(ctx, …\)\n\n.*fill\.ts: up\(ctx, …\)/);
  assert.equal((await millrace("redo")).out, "00002_fill.ts taken back (…)\n00002_fill.ts applied (…)\n");
  assert.match((await millrace("down", "--to", "0", "--dry-run")).out, /00002_fill\.ts: down[^]*drop table users;/);
  assert.equal((await millrace("down")).out, "00002_fill.ts taken back (…)\n1 migration taken back\n");
  assert.equal((await millrace("down", "--to", "0")).code, 0);
  assert.equal((await millrace("redo")).out, "nothing to do\n");
});

databaseTest("a failing statement is shown with its line and a caret", async (_ctx, db, t) => {
  const { millrace } = await setup(t, { "1_users.sql": USERS, "2_bad.sql": BAD }, db.url);
  assert.deepEqual(await millrace("up"), {
    code: 1,
    out: "1_users.sql applied (…)\n",
    err: `db/migrations/2_bad.sql:4:2: column "nope" does not exist
  4 | \tnope from users;
      \t^
statement 2 of 2 (nothing of it was applied)
SQLSTATE 42703
`,
  });
});

databaseTest("what is half done is gone on with, and shown by a dry run", async (_ctx, db, t) => {
  const { write, millrace } = await setup(t, { "1_users.sql": USERS, "2_index.sql": INDEX }, db.url);
  assert.match((await millrace("up")).err, /2_index\.sql:4: division by zero\n[^]*1 of its statements were applied/);
  assert.deepEqual((await millrace("check")).err, "2_index.sql ended half way\n");
  assert.match((await millrace("down")).err, /2_index\.sql ended half way up: finish that first/);
  await write("2_index.sql", INDEX.replace("count(*) - 1", "1"));
  assert.match((await millrace("up", "--dry-run")).out, /no transaction, after 1 [^]*2_index\.sql:4\nselect/);
  assert.equal((await millrace("up")).code, 0);
});

databaseTest("--to, --out-of-order and --timeout", async (_ctx, db, t) => {
  const slow = "-- +goose Up\nselect pg_sleep(30);\n";
  const { write, millrace } = await setup(t, { "1_users.sql": USERS, "3_slow.sql": slow }, db.url);
  assert.equal((await millrace("up", "--to", "1")).out, "1_users.sql applied (…)\n1 migration applied\n");
  const late = await millrace("up", "--timeout", "500ms");
  assert.equal(late.code, 1);
  assert.match(late.err, /^db\/migrations\/3_slow\.sql:2: .*deadline[^]*nothing of it was applied/);
  await write("3_slow.sql", slow.replace("30", "0"));
  await millrace("up");
  await write("2_late.sql", "-- +goose Up\nselect 2;\n");
  assert.match((await millrace("up")).err, /2_late\.sql is not applied, but a later one is[^]*hint: .*--out-of-order/);
  assert.equal((await millrace("up", "--out-of-order")).out, "2_late.sql applied (…)\n1 migration applied\n");
});

test("the embedded database is migrated too", { timeout: 30_000 }, async (t) => {
  const { millrace } = await setup(t, { "1_users.sql": USERS });
  const database = ["--database", "pglite:.data"];
  assert.equal((await millrace("up", ...database)).out, "1_users.sql applied (…)\n1 migration applied\n");
  assert.equal((await millrace("check", ...database)).code, 0);
});

test("check without a database names all that is wrong with the files", async (t) => {
  const { write, millrace } = await setup(t, { "1_users.sql": USERS, "2_fill.ts": "export const up = () => {};" });
  assert.deepEqual(await millrace("check"), { code: 0, out: "2 migrations read\n", err: "" });
  await write("3_a.ts", "export const down = 1;");
  await write("4_b.ts", "import './gone.ts';");
  const code = await millrace("check");
  assert.equal(code.code, 1);
  assert.match(
    code.err,
    /^migrate: db\/migrations\/3_a\.ts: it must .*\nmigrate: db\/migrations\/4_b\.ts: cannot be imported/,
  );
  await write("5_c.sql", "select 1;");
  await write("6_d.sql", "-- +goose Up\nselect 1");
  assert.deepEqual(await millrace("check"), {
    code: 1,
    out: "",
    err: `migrate: db/migrations/5_c.sql:1: a statement before "-- +goose Up"
migrate: db/migrations/6_d.sql:2: the statement does not end with a semicolon
`,
  });
});

test("create writes what can be applied, numbered as the folder is", async (t) => {
  const { cwd, millrace } = await setup(t, {});
  assert.equal((await millrace("create", "add users")).out, "db/migrations/00001_add_users.sql\n");
  assert.equal((await millrace("create", "fillUsers", "--type", "ts")).out, "db/migrations/00002_fill_users.ts\n");
  assert.equal((await millrace("check")).code, 0);
  assert.match((await millrace("create", "x", "--timestamp")).out, /^db\/migrations\/20\d{12}_x\.sql\n$/);
  assert.match((await millrace("create", "y")).out, /^db\/migrations\/20\d{12}_y\.sql\n$/);
  assert.match((await millrace("create", "z", "--dir", "other")).out, /^other\/00001_z\.sql\n$/);
  assert.equal((await readdir(join(cwd, "db/migrations"))).length, 4);
  assert.match(await readFile(join(cwd, "db/migrations/00002_fill_users.ts"), "utf8"), /export async function up\(ctx/);

  const now = new Date("2026-01-02T03:04:05.678Z");
  const cases = [
    { numbers: [], timestamp: false, want: "00001" },
    { numbers: ["0009", "0002"], timestamp: false, want: "0010" },
    { numbers: ["99"], timestamp: false, want: "100" },
    { numbers: ["00007"], timestamp: true, want: "20260102030405" },
    { numbers: ["20250101000000", "00001"], timestamp: false, want: "20260102030405" },
    { numbers: ["20260102030405"], timestamp: false, want: "20260102030406" },
    { numbers: ["20990101000000"], timestamp: false, want: "20990101000001" },
  ];
  for (const { numbers, timestamp, want } of cases) assert.equal(nextVersion(numbers, timestamp, now), want);
});

describe("wrong calls are 2, and say what is wrong", () => {
  const cases = [
    { args: [], err: /^Usage: millrace migrate/ },
    { args: ["upp"], err: /no command "upp"; did you mean up\?/ },
    { args: ["up", "--nope"], err: /Unknown option '--nope'\n/ },
    { args: ["up", "--json"], err: /--json is not for this command/ },
    { args: ["up", "now"], err: /what is "now"\?/ },
    { args: ["up", "--to", "x"], err: /--to x: give a version/ },
    { args: ["up", "--timeout", "soon"], err: /--timeout soon: give a time/ },
    { args: ["up", "--in-doubt", "maybe"], err: /--in-doubt maybe: give done or again/ },
    { args: ["up"], err: /which database\?/ },
    { args: ["up", "--database", "mysql://x"], err: /must be postgres:/ },
    { args: ["up", "--database", "postgres://u:secret@a:b:1/x"], err: /a host is not as host:port/ },
    { args: ["status", "--dir", "nowhere"], err: /no folder nowhere/ },
    { args: ["create"], err: /give one name/ },
    { args: ["create", "!!"], err: /give one name/ },
    { args: ["create", "a", "--type", "js"], err: /--type js: give sql or ts/ },
  ];
  for (const { args, err } of cases) {
    test(`millrace migrate ${args.join(" ")}`, async (t) => {
      const { millrace } = await setup(t, {});
      const said = await millrace(...args);
      assert.equal(said.code, 2);
      assert.match(said.err, err);
      assert.equal(said.out, "");
      assert.doesNotMatch(said.err, /secret/);
    });
  }
});

test("every command has its help", async (t) => {
  const { millrace } = await setup(t, {});
  for (const name of ["up", "down", "redo", "status", "create", "check"]) {
    assert.match((await millrace(name, "--help")).out, new RegExp(`^Usage: millrace migrate ${name}`));
  }
});

test("a password is shown nowhere", async (t) => {
  const { millrace } = await setup(t, { "1_users.sql": USERS });
  const said = await millrace("up", "--database", "postgres://ann:hunter%202@127.0.0.1:1/x?password=swordfish");
  assert.equal(said.code, 1);
  assert.match(said.err, /hint: Is the server running there/);
  assert.doesNotMatch(said.err, /hunter|swordfish/);
  const url = new Secret("postgres://ann:h%40unter@x:y@host/db?password=sword%20fish");
  const text = `bad ${url.reveal()}: h@unter@x:y, h%40unter@x:y, sword fish, sword%20fish`;
  assert.equal(redact(text, url), "bad ***: ***, ***, ***, ***");
  assert.equal(redact("as it is", undefined), "as it is");
});
