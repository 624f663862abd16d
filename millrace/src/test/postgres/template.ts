import { createHash } from "node:crypto";
import { type Ctx, withTimeout, withoutCancel } from "../../context/index.ts";
import { type Migration, up } from "../../migrate/index.ts";
import { type Pool, type Session, openPool } from "../../sql/index.ts";
import { postgres } from "../../sql/postgres/index.ts";

/** Prepare is what a database holds beside its schema. */
export interface Prepare {
  /** key names what `run` does: while it stays the same, a template that was made before is used. */
  readonly key: string;
  /** run fills the database once; every test gets a copy. */
  readonly run: (ctx: Ctx, pool: Pool) => Promise<void>;
}

/** Template is a database that others are copies of. @internal */
export interface Template {
  readonly migrations: readonly Migration[];
  readonly prepare: Prepare | undefined;
}

/** PREFIX starts the name of every template. @internal */
export const PREFIX = "millrace_template_";

// What is in the way of a half made one that a killed process left, or of its last connection.
const UNLOCK_MS = 5000;

/** templateName is the same for the same content. @internal */
export function templateName({ migrations, prepare }: Template): string {
  const content = [migrations.map(({ version, checksum }) => [String(version), checksum]), prepare?.key ?? null];
  return PREFIX + createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16);
}

/**
 * makeTemplate makes a template unless it is there. Of several processes one makes it, and the others wait for it. It is
 * made under another name: under its own it is always complete. @internal
 */
export async function makeTemplate(ctx: Ctx, admin: Pool, server: string, template: Template): Promise<void> {
  const name = templateName(template);
  if (await exists(ctx, admin, name)) return;
  await admin.withConn(ctx, async (ctx, session) => {
    await session.exec(ctx, "select pg_advisory_lock(hashtextextended($1, 0))", [name]);
    try {
      if (!(await exists(ctx, session, name))) await make(ctx, session, server, name, template);
    } finally {
      using within = withTimeout(withoutCancel(ctx), UNLOCK_MS);
      await session.exec(within, "select pg_advisory_unlock(hashtextextended($1, 0))", [name]).catch(() => undefined);
    }
  });
}

async function make(ctx: Ctx, session: Session, server: string, name: string, template: Template): Promise<void> {
  const half = `${name}_half`;
  await session.script(ctx, `drop database if exists ${half} with (force)`);
  await session.script(ctx, `create database ${half} template template0`);
  {
    await using pool = await openPool(ctx, postgres(databaseUrl(server, half)));
    await up(ctx, pool, template.migrations);
    await template.prepare?.run(ctx, pool);
  }
  // A connection that was closed may still be there for the server, and what is in use cannot be renamed.
  await session.exec(ctx, "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1", [half]);
  // For the sweep: nothing else says when a database was made.
  await session.script(ctx, `comment on database ${half} is '${new Date().toISOString()}'`);
  await session.script(ctx, `alter database ${half} rename to ${name}`);
}

async function exists(ctx: Ctx, db: Pool | Session, name: string): Promise<boolean> {
  return (await db.maybe(ctx, "select 1 from pg_database where datname = $1", [name])) !== undefined;
}

/** databaseUrl is the URL of another database on a server. @internal */
export function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
