import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { databaseTest, eventually } from "../../../millrace/src/sql/testing/database.ts";

const LAUNCHER = join(import.meta.dirname, "../../bin/millrace.js");

databaseTest("Ctrl-C cancels the statement on the server and leaves nothing behind", async (ctx, db, t) => {
  const dir = await mkdtemp(join(tmpdir(), "millrace-cli-"));
  t.after(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, "1_slow.sql"), "-- +goose Up\ncreate table half (id int);\nselect pg_sleep(60);\n");
  const child = spawn(process.execPath, [LAUNCHER, "migrate", "up", "--dir", dir, "--database", db.url]);
  t.after(() => child.kill("SIGKILL"));
  const said = text(child.stderr);
  const ended = once(child, "exit");
  const pool = await db.open();
  const running =
    "select pid from pg_stat_activity where query = 'select pg_sleep(60);' and datname = current_database()";
  await eventually(ctx, "the statement runs", async () => (await pool.many(ctx, running)).length > 0);
  child.kill("SIGINT");
  const [code] = await ended;
  assert.equal(code, 130);
  assert.match(await said, /1_slow\.sql:3: .*\nstatement 2 of 2 \(nothing of it was applied\)/s);
  await eventually(ctx, "nobody else is connected", async () => {
    const others = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    return (await pool.many(ctx, others)).length === 0;
  });
  assert.deepEqual(await pool.one(ctx, "select to_regclass('half') as half"), { half: null });
});
