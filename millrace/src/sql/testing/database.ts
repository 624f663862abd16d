import { type TestContext, test } from "node:test";
import { type Ctx, background, withTimeout } from "../../context/index.ts";
import { type Pool, type PoolOptions, openPool } from "../index.ts";
import { postgres } from "../postgres/index.ts";
import { testDatabase } from "../../test/postgres/index.ts";

// Within what the runner gives a test; a machine that is busy needs it.
const TEST_MS = 50_000;

/** Database is a fresh database for one test. */
export interface Database {
  readonly url: string;
  /** open opens a pool over it; the test closes it, or its end does. */
  open(options?: PoolOptions): Promise<Pool>;
}

/** databaseTest is a test with a database of its own and a ctx with a deadline; without a server it is reported as skipped. */
export function databaseTest(name: string, fn: (ctx: Ctx, db: Database, t: TestContext) => Promise<void>): void {
  test(name, async (t) => {
    const server = serverUrl();
    if (server === undefined) {
      t.skip("needs DATABASE_URL");
      return;
    }
    using ctx = withTimeout(background, TEST_MS);
    await using owned = new AsyncDisposableStack();
    const url = await createDatabase(server, owned);
    await fn(ctx, { url, open: async (options) => owned.use(await openPool(ctx, postgres(url), options)) }, t);
  });
}

/** serverUrl is the server to test on, if there is one. */
export function serverUrl(): string | undefined {
  return process.env["DATABASE_URL"] || undefined;
}

/** createDatabase makes an empty database and has it dropped when `owned` is disposed. */
export async function createDatabase(server: string, owned: AsyncDisposableStack): Promise<string> {
  return owned.use(await testDatabase(background, { server })).url;
}

/** eventually waits until a condition holds, for what nobody can be told about: the server's own bookkeeping. */
export async function eventually(ctx: Ctx, what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    if (ctx.err !== undefined) throw new Error(`never: ${what}`, { cause: ctx.err });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
