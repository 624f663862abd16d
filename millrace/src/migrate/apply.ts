import type { Ctx } from "../context/index.ts";
import type { Session } from "../sql/index.ts";
import { bodyOf } from "./body.ts";
import { failure } from "./failure.ts";
import { recordDown, recordUp } from "./history.ts";
import type { Direction, Migration } from "./migration.ts";
import { type Resume, stepwise } from "./stepwise.ts";

/** apply runs one migration in one direction and records it, in a transaction unless the file says otherwise. @internal */
export async function apply(
  ctx: Ctx,
  session: Session,
  migration: Migration,
  direction: Direction,
  resume: Resume = {},
): Promise<void> {
  const record = direction === "up" ? recordUp : recordDown;
  const body = await bodyOf(migration, direction);
  if (!body.transaction)
    return await stepwise(ctx, session, { migration, direction, parts: body.parts, record }, resume);
  await session.tx(
    ctx,
    async (ctx, tx) => {
      for (const [i, { chunk, run }] of body.parts.entries()) {
        try {
          await run(ctx, tx);
        } catch (err) {
          const which = chunk === undefined ? "" : `statement ${i + 1} of ${body.parts.length} `;
          throw failure(migration, chunk, `${which}(nothing of it was applied)`, err);
        }
      }
      await record(ctx, tx, migration);
    },
    { attempts: 1 },
  );
}
