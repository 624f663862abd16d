import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { background, withTimeout } from "millrace/context";
import { loadMigrations, status, up } from "millrace/migrate";
import { testDatabase } from "millrace/test/postgres";

const skip = process.env["DATABASE_URL"] === undefined ? "needs DATABASE_URL" : false;

// The guide's own files: its SQL blocks, and the program.
const [users = "", index = ""] = [
  ...readFileSync(join(import.meta.dirname, "migrations.md"), "utf8").matchAll(/```sql\n([^]*?)```/g),
].map((match) => match[1]);
const dir = mkdtempSync(join(tmpdir(), "millrace-guide-"));
writeFileSync(join(dir, "00001_add_users.sql"), users);

describe("migrations", { skip }, () => {
  after(() => rmSync(dir, { recursive: true }));

  test("an email is taken once, however it is written", async () => {
    await using db = await testDatabase(background, { migrations: dir });
    const pool = await db.open(background);
    const add = (email: string) => pool.exec(background, "insert into users (email) values ($1)", [email]);
    await add("ada@example.com");
    await assert.rejects(add("Ada@Example.com"), { reason: "sql/unique_violation" });
  });

  test("the program and the index are applied after the table", async () => {
    using ctx = withTimeout(background, 30_000);
    await using db = await testDatabase(ctx);
    const pool = await db.open(ctx);
    await up(ctx, pool, loadMigrations(dir));
    await pool.exec(ctx, "insert into users (email) values ('Ada.L@example.com')");
    writeFileSync(
      join(dir, "00002_more.sql"),
      `-- +goose Up
alter table users add column slug text;
create table posts (author_id bigint);
`,
    );
    cpSync(join(import.meta.dirname, "migrations.example.ts"), join(dir, "00003_fill_slugs.ts"));
    writeFileSync(join(dir, "00004_index.sql"), index);
    const done = await up(ctx, pool, loadMigrations(dir));
    assert.equal(done.length, 3);
    assert.deepEqual(await pool.many(ctx, "select slug from users"), [{ slug: "ada-l" }]);
    assert.ok((await status(ctx, pool, loadMigrations(dir))).every(({ state }) => state === "applied"));
  });
});
