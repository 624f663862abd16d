import type { Ctx } from "../context/index.ts";
import type { Session, Tx } from "../sql/index.ts";
import { type Chunk, type Direction, type Migration, type Step, refuse } from "./migration.ts";

/** Body is what a migration does in one direction. @internal */
export type Body =
  | { readonly transaction: true; readonly parts: readonly Part<Tx>[] }
  | { readonly transaction: false; readonly parts: readonly Part<Session>[] };

/** Part is one statement of it, or all that a TypeScript migration does. @internal */
export interface Part<Db> {
  /** chunk is undefined for TypeScript. */
  readonly chunk: Chunk | undefined;
  readonly run: Step<Db>;
}

/** bodyOf is what a migration does in one direction; without a Down it is refused. @internal */
export async function bodyOf(migration: Migration, direction: Direction): Promise<Body> {
  if (migration.kind === "sql") {
    const parts = migration[direction]?.map((chunk) => ({ chunk, run: scripted(chunk) }));
    if (parts === undefined) throw refuse("irreversible", `${migration.file} has no "-- +goose Down"`);
    return { transaction: migration.transaction, parts };
  }
  const module = await migration.load();
  const irreversible = () => refuse("irreversible", `${migration.file} exports no function down`);
  // The two branches differ in what the function takes.
  if (module.transaction === false) return { transaction: false, parts: coded(module[direction] ?? irreversible()) };
  return { transaction: true, parts: coded(module[direction] ?? irreversible()) };
}

function coded<Db>(step: Step<Db> | Error): Part<Db>[] {
  if (step instanceof Error) throw step;
  return [{ chunk: undefined, run: step }];
}

function scripted(chunk: Chunk): (ctx: Ctx, db: Session | Tx) => Promise<void> {
  return (ctx, db) => db.script(ctx, chunk.text);
}
