import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Ctx, background, withTimeout } from "millrace/context";
import { loadMigrations, up } from "millrace/migrate";
import { type Pool, openPool } from "millrace/sql";
import { postgres } from "millrace/sql/postgres";

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
    await using owned = new AsyncDisposableStack();
    const admin = owned.use(await openPool(ctx, postgres(server ?? ""), { maxConns: 1 }));
    const database = `storefront_${crypto.randomUUID().replaceAll("-", "")}`;
    await admin.exec(ctx, `create database ${database}`);
    owned.defer(async () => void (await admin.exec(background, `drop database ${database} with (force)`)));
    const url = new URL(server ?? "");
    url.pathname = database;
    const open = async (): Promise<Pool> => owned.use(await openPool(ctx, postgres(url.href)));
    await up(ctx, await open(), MIGRATIONS);
    await fn(ctx, { open }, t);
  });
}
