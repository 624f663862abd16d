import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { databaseTest } from "../sql/testing/database.ts";
import { down, loadMigrations, status, up } from "./index.ts";

function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(path.join(tmpdir(), "millrace-migrate-"));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(dir, name), text);
  return dir;
}

const TABLE = "-- +goose Up\ncreate table t (n int);\n-- +goose Down\ndrop table t;\n";
const BACKFILL = `
import type { Ctx } from "millrace/context";
import type { Tx } from "millrace/sql";
export async function up(ctx: Ctx, tx: Tx): Promise<void> {
  for (const n of [1, 2]) await tx.exec(ctx, "insert into t values ($1)", [n]);
}
export async function down(ctx: Ctx, tx: Tx): Promise<void> {
  await tx.exec(ctx, "delete from t");
}
`;

databaseTest("SQL and TypeScript are one sequence, up and down", async (ctx, db, t) => {
  const dir = folder(t, {
    "1_t.sql": TABLE,
    "2_fill.ts": BACKFILL,
    "2_fill.test.ts": "}",
    "lib.ts": "}",
    "3_x.d.ts": "}",
  });
  const pool = await db.open();
  assert.deepEqual(
    (await up(ctx, pool, loadMigrations(dir))).map(({ file }) => file),
    ["1_t.sql", "2_fill.ts"],
  );
  assert.deepEqual(await pool.many(ctx, "select n from t order by n"), [{ n: 1 }, { n: 2 }]);
  assert.equal((await down(ctx, pool, loadMigrations(dir)))[0]?.file, "2_fill.ts");
  assert.deepEqual(await pool.many(ctx, "select n from t"), []);
  // A file that was changed is run as it is now, and after that it may not be changed.
  writeFileSync(path.join(dir, "2_fill.ts"), BACKFILL.replace("[1, 2]", "[3]"));
  await up(ctx, pool, loadMigrations(dir));
  assert.deepEqual(await pool.many(ctx, "select n from t"), [{ n: 3 }]);
  writeFileSync(path.join(dir, "2_fill.ts"), BACKFILL.replaceAll("\n", "\r\n").replace("[1, 2]", "[3]"));
  assert.deepEqual(await up(ctx, pool, loadMigrations(dir)), []);
  writeFileSync(path.join(dir, "2_fill.ts"), BACKFILL);
  assert.equal((await status(ctx, pool, loadMigrations(dir)))[1]?.state, "changed");
});

databaseTest(
  "what is applied is not imported, what is pending is imported before anything runs",
  async (ctx, db, t) => {
    const dir = folder(t, {
      "1_t.sql": TABLE,
      "2_old.ts": "export async function up() {}",
      "3_t.sql": TABLE.replace(/ t\b/g, " u"),
    });
    const pool = await db.open();
    const first = loadMigrations(dir);
    await up(ctx, pool, first, { to: 2n });
    first.forEach((file) => file.kind === "code" && Object.assign(file, { load: () => assert.fail("imported") }));
    await up(ctx, pool, first);
    writeFileSync(path.join(dir, "4_t.sql"), TABLE.replace(/ t\b/g, " v"));
    writeFileSync(path.join(dir, "5_bad.ts"), "export const up = 3;");
    await assert.rejects(up(ctx, pool, loadMigrations(dir)), {
      reason: "migrate/bad_file",
      message: /5_bad\.ts: it must/,
    });
    assert.equal((await status(ctx, pool, loadMigrations(dir)))[3]?.state, "pending");
  },
);

databaseTest("what throws is rolled back and named; without a transaction it stays, in doubt", async (ctx, db, t) => {
  const insert = 'await db.exec(ctx, "insert into t values (1)");';
  const failing = `export async function up(ctx, db) { ${insert} throw new Error("no luck"); }`;
  const dir = folder(t, { "1_t.sql": TABLE, "2_fill.ts": failing });
  const pool = await db.open();
  await assert.rejects(up(ctx, pool, loadMigrations(dir)), {
    reason: "migrate/failed",
    message: "migrate: 2_fill.ts: (nothing of it was applied): no luck",
  });
  assert.deepEqual(await pool.many(ctx, "select n from t"), []);

  writeFileSync(path.join(dir, "2_fill.ts"), `export const transaction = false; ${failing}`);
  await assert.rejects(up(ctx, pool, loadMigrations(dir)), /2_fill\.ts: \(it may have been applied in part\): no luck/);
  assert.deepEqual(await pool.many(ctx, "select n from t"), [{ n: 1 }]);
  assert.equal((await status(ctx, pool, loadMigrations(dir)))[1]?.state, "partial");
  await assert.rejects(up(ctx, pool, loadMigrations(dir)), { reason: "migrate/in_doubt", message: /2_fill\.ts/ });
  writeFileSync(
    path.join(dir, "2_fill.ts"),
    `export const transaction = false; export async function up(ctx, db) { ${insert} }`,
  );
  await up(ctx, pool, loadMigrations(dir), { inDoubt: "again" });
  assert.deepEqual(await pool.many(ctx, "select n from t"), [{ n: 1 }, { n: 1 }]);
  await assert.rejects(down(ctx, pool, loadMigrations(dir)), {
    reason: "migrate/irreversible",
    message: /no function down/,
  });
});

test("a file that is no migration is refused with its name", async (t) => {
  const cases = [
    { text: "const enum A { B }", want: /1_a\.ts: cannot be imported: .*enum/ },
    { text: 'import "./gone.ts";', want: /1_a\.ts: cannot be imported: .*gone\.ts/ },
    { text: "export const down = () => {};", want: /1_a\.ts: it must export a function up/ },
    { text: "export function up() {} export const down = 1;", want: /1_a\.ts: what it exports as down/ },
    { text: "export function up() {} export const transaction = 1;", want: /1_a\.ts: what it exports as transaction/ },
  ];
  for (const { text, want } of cases) {
    const [migration] = loadMigrations(folder(t, { "1_a.ts": text }));
    assert.ok(migration?.kind === "code");
    await assert.rejects(migration.load(), { code: "invalid_argument", reason: "migrate/bad_file", message: want });
  }
  const dir = folder(t, { "1_a.ts": "", "01_b.sql": TABLE });
  assert.throws(() => loadMigrations(dir), { reason: "migrate/duplicate" });
});
