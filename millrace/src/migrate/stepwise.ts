import { type Ctx, withTimeout, withoutCancel } from "../context/index.ts";
import { as } from "../errors/index.ts";
import { type Querier, type Session, SqlFailure } from "../sql/index.ts";
import type { Part } from "./body.ts";
import { failure } from "./failure.ts";
import { type InDoubt, dropInvalid, settle } from "./in-doubt.ts";
import { type Direction, type Migration, refuse } from "./migration.ts";
import { type Progress, clearProgress, digest, writeProgress } from "./progress.ts";

/** Resume is what an earlier run left half done, and what the operator says about its last statement. @internal */
export interface Resume {
  readonly progress?: Progress | undefined;
  readonly inDoubt?: InDoubt | undefined;
}

/** Steps is a migration without a transaction, in one direction. @internal */
export interface Steps {
  readonly migration: Migration;
  readonly direction: Direction;
  readonly parts: readonly Part<Session>[];
  record(ctx: Ctx, db: Querier, migration: Migration): Promise<void>;
}

const NOTE_MS = 5000;

/**
 * stepwise runs a migration without a transaction. Before each statement it writes down which one, so that the next run
 * after a crash goes on there and no statement runs twice: one of which nobody knows how it ended is settled, or refused
 * ("migrate/in_doubt") until the operator says. @internal
 */
export async function stepwise(ctx: Ctx, session: Session, steps: Steps, resume: Resume): Promise<void> {
  const { migration, direction, parts } = steps;
  const note = (ctx: Ctx, done: number, begun: boolean): Promise<void> => {
    const prefix = digest(parts.slice(0, done).flatMap(({ chunk }) => chunk ?? []));
    return writeProgress(ctx, session, { version: migration.version, direction, done, begun, prefix });
  };
  for (let i = await firstStep(ctx, session, steps, resume); i < parts.length; i++) {
    const { chunk, run } = parts[i]!;
    await note(ctx, i, true);
    try {
      await run(ctx, session);
    } catch (err) {
      // The server said that it failed, so it had no effect. After anything else nobody knows.
      const known = chunk !== undefined && isRefusal(err);
      using within = withTimeout(withoutCancel(ctx), NOTE_MS);
      if (known) await note(within, i, false).catch(() => undefined);
      const left = known
        ? i === 0
          ? "nothing of it was applied"
          : `${i} of its statements were applied`
        : `it may have been applied; ${i} before it were`;
      const what =
        chunk === undefined ? "(it may have been applied in part)" : `statement ${i + 1} of ${parts.length} (${left})`;
      throw failure(migration, chunk, what, err);
    }
  }
  await session.tx(
    ctx,
    async (ctx, tx) => {
      await steps.record(ctx, tx, migration);
      await clearProgress(ctx, tx);
    },
    { attempts: 1 },
  );
}

/** firstStep is where to go on. */
async function firstStep(ctx: Ctx, session: Session, steps: Steps, { progress, inDoubt }: Resume): Promise<number> {
  if (progress === undefined) return 0;
  const { migration, parts, direction } = steps;
  const { done, begun } = progress;
  const chunks = parts.map(({ chunk }) => chunk);
  if (done > parts.length || digest(chunks.slice(0, done).flatMap((chunk) => chunk ?? [])) !== progress.prefix) {
    throw refuse("changed", `${migration.file}: its first ${done} statements were changed after they were applied`);
  }
  const next = parts[done];
  if (next === undefined) return done;
  if (!begun) {
    if (next.chunk !== undefined) await dropInvalid(ctx, session, next.chunk);
    return done;
  }
  const said = (next.chunk === undefined ? undefined : await settle(ctx, session, next.chunk)) ?? inDoubt;
  if (said === undefined) {
    const where = next.chunk === undefined ? "" : `:${next.chunk.line}: statement ${done + 1} of ${parts.length}`;
    const what = next.chunk === undefined ? "its own code knows" : "look at the database";
    throw refuse(
      "in_doubt",
      `${migration.file}${where} was running when an earlier "${direction}" ended, and may have been applied: ${what}, then say whether it is done or has to run again (inDoubt)`,
    );
  }
  return said === "done" ? done + 1 : done;
}

function isRefusal(err: unknown): boolean {
  const state = as(err, SqlFailure)?.sqlState;
  // 08 and 57P: the connection ended, and with it the statement, some time.
  return state !== undefined && !/^(08|57P)/.test(state);
}
