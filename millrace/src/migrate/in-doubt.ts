import type { Ctx } from "../context/index.ts";
import type { Session } from "../sql/index.ts";
import type { Chunk } from "./migration.ts";

/** InDoubt is what to do about a statement of which nobody knows whether it was applied. */
export type InDoubt = "done" | "again";

const NAME = String.raw`((?:"(?:[^"]|"")+"|[\w$.])+)`;
const INDEX = new RegExp(
  String.raw`^create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?${NAME}\s+on\s+(?:only\s+)?${NAME}`,
  "i",
);
// Once or twice, the outcome is the same.
const REPEATABLE = [
  /^(vacuum|analyze|reindex|cluster|refresh\s+materialized\s+view)\b/i,
  /^create\s+[a-z\s]+\sif\s+not\s+exists\s/i,
  /^drop\s+[a-z\s]+\sif\s+exists\s/i,
  /^alter\s+type\s+\S+\s+add\s+value\s+if\s+not\s+exists\s/i,
];

/**
 * settle finds out what to do about a statement that was begun in an earlier run: "done" when the database shows that it
 * was applied, "again" when it shows that it was not or when that makes no difference, undefined when nobody knows. What
 * CREATE INDEX CONCURRENTLY leaves behind when it fails, an invalid index, is dropped.
 *
 * It is only asked under the migration lock: a connection that still builds the index still holds that. @internal
 */
export async function settle(ctx: Ctx, session: Session, chunk: Chunk): Promise<InDoubt | undefined> {
  const text = bare(chunk.text);
  const index = INDEX.exec(text);
  if (index !== null) return await settleIndex(ctx, session, index[1]!, index[2]!);
  const single = !text.replace(/;\s*$/, "").includes(";");
  return single && REPEATABLE.some((pattern) => pattern.test(text)) ? "again" : undefined;
}

/** dropInvalid clears away the index that a failed CREATE INDEX CONCURRENTLY left behind. @internal */
export async function dropInvalid(ctx: Ctx, session: Session, chunk: Chunk): Promise<void> {
  const index = INDEX.exec(bare(chunk.text));
  if (index !== null) await settleIndex(ctx, session, index[1]!, index[2]!);
}

async function settleIndex(ctx: Ctx, session: Session, name: string, table: string): Promise<InDoubt> {
  // The index is in its table's schema, and its name has none.
  const found = await session.maybe<{ valid: boolean; name: string }>(
    ctx,
    `select i.indisvalid and i.indisready as valid, i.indexrelid::regclass::text as name
     from pg_index i join pg_class c on c.oid = i.indexrelid
     where i.indrelid = to_regclass($1) and c.relname = (parse_ident($2))[1]`,
    [table, name],
  );
  if (found === undefined) return "again";
  if (found.valid) return "done";
  await session.script(ctx, `drop index concurrently ${found.name}`);
  return "again";
}

function bare(text: string): string {
  return text
    .replaceAll(/--.*$/gm, "")
    .replaceAll(/\/\*[^]*?\*\//g, "")
    .trim();
}
