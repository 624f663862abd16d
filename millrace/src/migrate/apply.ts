import type { Ctx } from "../context/index.ts";
import { Failure, codeOf, wrap } from "../errors/index.ts";
import type { Session } from "../sql/index.ts";
import { recordDown, recordUp } from "./history.ts";
import type { Chunk, Migration } from "./migration.ts";

/** apply runs one migration in one direction and records it, in a transaction unless the file says otherwise. @internal */
export async function apply(ctx: Ctx, session: Session, migration: Migration, direction: "up" | "down"): Promise<void> {
  const chunks = migration[direction] ?? [];
  const record = direction === "up" ? recordUp : recordDown;
  if (!migration.transaction) {
    await runAll(chunks, migration, (text) => session.script(ctx, text));
    await record(ctx, session, migration);
    return;
  }
  await session.tx(
    ctx,
    async (ctx, tx) => {
      await runAll(chunks, migration, (text) => tx.script(ctx, text));
      await record(ctx, tx, migration);
    },
    { attempts: 1 },
  );
}

async function runAll(
  chunks: readonly Chunk[],
  migration: Migration,
  run: (text: string) => Promise<void>,
): Promise<void> {
  for (const [i, chunk] of chunks.entries()) {
    try {
      await run(chunk.text);
    } catch (err) {
      const before = migration.transaction ? "nothing of it was applied" : `${i} of its statements were applied`;
      const where = `migrate: ${migration.file}:${chunk.line}: statement ${i + 1} of ${chunks.length} (${before})`;
      const code = codeOf(err);
      if (code === "canceled" || code === "deadline_exceeded") throw wrap(err, where);
      const message = err instanceof Error ? err.message : String(err);
      throw new Failure(`${where}: ${message}`, { code: "internal", reason: "migrate/failed", cause: err });
    }
  }
}
