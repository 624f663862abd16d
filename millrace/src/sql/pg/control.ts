import { type Ctx, withoutCancel } from "../../context/index.ts";
import { Failure, wrap } from "../../errors/index.ts";
import { COMMIT_MS, ROLLBACK_MS, bounded } from "../bounded.ts";
import { outcome } from "../boundary.ts";
import type { Conn } from "../driver.ts";
import { label } from "../label.ts";
import type { Line } from "../line.ts";
import type { Tx } from "../tx.ts";

/** Seat runs one call on a connection under a context, as a statement with this text. @internal */
export type Seat = <T>(ctx: Ctx, text: string, call: (conn: Conn) => Promise<T>) => Promise<T>;

const CONTROL =
  /^\s*(begin|start\s+transaction|commit|end|rollback|abort|prepare\s+transaction)\b(?!\s+(?:work\s+|transaction\s+)?to\b)/i;

/**
 * seatOn is a held connection whose holder writes BEGIN, COMMIT and ROLLBACK himself. COMMIT is not begun when ctx is
 * over, and not canceled when it has begun; its outcome is known or "sql/commit_unknown". ROLLBACK runs whatever ctx
 * says, since it is what one does when ctx is over. @internal
 */
export function seatOn(line: Line): Seat {
  return async (ctx, text, call) => {
    switch (CONTROL.exec(text)?.[1]?.toLowerCase()) {
      case "commit":
      case "end":
        return await commit(ctx, line, text, call);
      case "rollback":
      case "abort":
        await line.slot.settling;
        line.doomed = line.failed = undefined;
        return await line.run(withoutCancel(ctx), text, (conn) => bounded(conn, ROLLBACK_MS, () => call(conn)));
      default:
        return await line.run(ctx, text, call);
    }
  };
}

/** seatIn is a running transaction of ours, which no statement may begin or end; savepoints it may. @internal */
export function seatIn(tx: Tx): Seat {
  return async (ctx, text, call) => {
    if (CONTROL.test(text)) {
      throw new Failure(`sql: pg: ${label(text)}: the transaction around it is pool.tx's to end: use a savepoint`, {
        code: "failed_precondition",
        reason: "sql/foreign_transaction",
      });
    }
    return await tx.call(ctx, text, call);
  };
}

async function commit<T>(ctx: Ctx, line: Line, text: string, call: (conn: Conn) => Promise<T>): Promise<T> {
  if (ctx.err !== undefined) throw wrap(ctx.err, "sql: pg: before commit");
  const { conn } = line.slot;
  if (conn.broken !== undefined || !conn.inTransaction) return await line.run(ctx, text, call);
  return await outcome(conn, "sql: pg: commit", () =>
    line.run(withoutCancel(ctx), text, () => bounded(conn, COMMIT_MS, () => call(conn))),
  );
}
