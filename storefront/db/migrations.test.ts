import assert from "node:assert/strict";
import { down, up } from "millrace/migrate";
import { MIGRATIONS, databaseTest } from "../internal/repository/testing/database.ts";

databaseTest("the migrations go all the way down, and up again", async (ctx, db) => {
  const pool = await db.open(ctx);
  const tables = () =>
    pool.many(ctx, "select from pg_tables where schemaname = 'public' and tablename <> 'goose_db_version'");
  const before = await tables();
  assert.equal((await down(ctx, pool, MIGRATIONS, { to: 0n })).length, MIGRATIONS.length);
  assert.equal((await tables()).length, 0);
  assert.equal((await up(ctx, pool, MIGRATIONS)).length, MIGRATIONS.length);
  assert.equal((await tables()).length, before.length);
});
