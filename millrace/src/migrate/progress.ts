import { createHash } from "node:crypto";
import type { Ctx } from "../context/index.ts";
import type { Querier, Session } from "../sql/index.ts";
import type { Chunk, Direction } from "./migration.ts";

// A table of our own, because goose would take a row more in its own for a migration. It is there while a migration
// without a transaction is half done, and at no other time.
const TABLE = "millrace_migration_progress";

/** Progress is how far a migration without a transaction came. @internal */
export interface Progress {
  readonly version: bigint;
  readonly direction: Direction;
  /** done is how many of its statements were applied. */
  readonly done: number;
  /** begun says that the statement after those was sent, and that nobody wrote down how it ended. */
  readonly begun: boolean;
  /** prefix is the digest of the statements that were applied. */
  readonly prefix: string;
}

/** readProgress gives what is half done, or undefined. @internal */
export async function readProgress(ctx: Ctx, db: Querier): Promise<Progress | undefined> {
  const { there } = await db.one<{ there: boolean }>(ctx, `select to_regclass('${TABLE}') is not null as there`);
  if (!there) return undefined;
  return await db.maybe<Progress>(ctx, `select version, direction, done, begun, prefix from ${TABLE}`);
}

/** writeProgress replaces what is known of the one that is half done. @internal */
export async function writeProgress(ctx: Ctx, session: Session, progress: Progress): Promise<void> {
  const { version, direction, done, begun, prefix } = progress;
  await session.tx(ctx, async (ctx, tx) => {
    await tx.exec(
      ctx,
      `create table if not exists ${TABLE} (
         version bigint not null, direction text not null, done int not null, begun boolean not null, prefix text not null
       )`,
    );
    await tx.exec(ctx, `delete from ${TABLE}`);
    await tx.exec(ctx, `insert into ${TABLE} (version, direction, done, begun, prefix) values ($1, $2, $3, $4, $5)`, [
      version,
      direction,
      done,
      begun,
      prefix,
    ]);
  });
}

/** clearProgress is for the transaction in which the migration is recorded. @internal */
export async function clearProgress(ctx: Ctx, db: Querier): Promise<void> {
  await db.exec(ctx, `drop table if exists ${TABLE}`);
}

/** digest sums up statements, whatever stands between them. @internal */
export function digest(chunks: readonly Chunk[]): string {
  return createHash("sha256")
    .update(JSON.stringify(chunks.map((chunk) => chunk.text)))
    .digest("hex");
}
