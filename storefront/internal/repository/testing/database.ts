import { join } from "node:path";
import { test } from "node:test";
import { type Ctx, background, withTimeout } from "millrace/context";
import { loadMigrations } from "millrace/migrate";
import { type TestDatabase, testDatabase } from "millrace/test/postgres";

const TEST_MS = 30_000;

/** MIGRATIONS is the storefront's schema. */
export const MIGRATIONS = loadMigrations(join(import.meta.dirname, "../../../db/migrations"));

/** databaseTest is a test with a database of its own on a real server, which holds the schema and nothing else. */
export function databaseTest(name: string, fn: (ctx: Ctx, db: TestDatabase) => Promise<void>): void {
  test(name, async () => {
    using ctx = withTimeout(background, TEST_MS);
    await using db = await testDatabase(ctx, { migrations: MIGRATIONS });
    await fn(ctx, db);
  });
}
