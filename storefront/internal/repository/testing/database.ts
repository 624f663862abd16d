import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Ctx, background, withTimeout } from "millrace/context";
import { loadMigrations } from "millrace/migrate";
import type { Pool } from "millrace/sql";
import { testDatabase } from "millrace/test/postgres";

const TEST_MS = 30_000;

/** MIGRATIONS is the storefront's schema. */
export const MIGRATIONS = loadMigrations(join(import.meta.dirname, "../../../db/migrations"));

/** Database is a database of one test, on a real server. */
export interface Database {
  /** open opens a pool over it, which the test's end closes. */
  open(): Promise<Pool>;
}

/** databaseTest is a test with a database that holds the schema and nothing else; without a server it is skipped. */
export function databaseTest(name: string, fn: (ctx: Ctx, db: Database, t: TestContext) => Promise<void>): void {
  const server = process.env["DATABASE_URL"];
  test(name, { skip: server === undefined ? "needs DATABASE_URL" : false }, async (t) => {
    using ctx = withTimeout(background, TEST_MS);
    await using database = await testDatabase(ctx, { migrations: MIGRATIONS });
    await fn(ctx, { open: () => database.open(ctx) }, t);
  });
}
