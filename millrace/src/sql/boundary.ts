import type { Ctx } from "../context/index.ts";
import { orDone } from "../context/or-done.ts";
import { Failure, wrap } from "../errors/index.ts";
import { COMMIT_MS, ROLLBACK_MS, bounded } from "./bounded.ts";
import type { Conn } from "./driver.ts";
import { observed } from "./hooks.ts";
import { type Line, beforeCommit } from "./line.ts";
import type { TxOptions } from "./tx.ts";

/**
 * begin begins a transaction on a held connection: BEGIN goes out with its first statement, which saves a round trip,
 * and a transaction that does something else first holds nothing in the server meanwhile. @internal
 */
export function begin(line: Line, options: TxOptions): void {
  const { isolation, readOnly = false, deferrable = false } = options;
  if (deferrable && !(readOnly && isolation === "serializable")) {
    throw new Failure("sql: tx: deferrable is for transactions that are serializable and readOnly", {
      code: "invalid_argument",
      reason: "sql/bad_option",
    });
  }
  const level = isolation === undefined ? "" : ` isolation level ${isolation}`;
  line.begin = `begin${level}${readOnly ? " read only" : ""}${deferrable ? " deferrable" : ""}`;
}

/** ready throws what keeps a transaction from its COMMIT, or a savepoint from its release. @internal */
export async function ready(ctx: Ctx, line: Line): Promise<void> {
  line.checkQuiet("tx");
  if (line.slot.settling !== null) await orDone(ctx, line.slot.settling);
  if (line.doomed !== undefined) throw line.doomed;
  if (ctx.err !== undefined) throw wrap(ctx.err, "sql: tx: before commit");
}

/** commit runs COMMIT without the caller's context and to its end: only so is its outcome known. @internal */
export async function commit(ctx: Ctx, line: Line): Promise<void> {
  // Nothing was done in it.
  if (line.begin !== undefined) {
    line.begin = undefined;
    return;
  }
  const { hooks } = line;
  await (hooks === undefined ? committed(line) : observed(hooks, ctx, "commit", () => committed(line)));
}

/**
 * release releases a savepoint, without the caller's context and to its end as well: whoever rolled back to one that was
 * released after all would roll back to an older one of the same name, and undo what is not its own. @internal
 */
export async function release(ctx: Ctx, line: Line, text: string): Promise<void> {
  const { conn } = line.slot;
  const run = async (): Promise<void> => {
    line.slot.statement = text;
    try {
      await bounded(conn, COMMIT_MS, () => conn.query(text, []));
    } catch (err) {
      throw beforeCommit(err);
    }
  };
  await (line.hooks === undefined ? run() : observed(line.hooks, ctx, text, run));
}

/** outcome is that of a COMMIT, or "sql/commit_unknown" when the connection was lost meanwhile. @internal */
export async function outcome<T>(conn: Conn, what: string, committing: () => Promise<T>): Promise<T> {
  try {
    return await committing();
  } catch (err) {
    // The server may still say why it refused, and stay.
    if (conn.broken === undefined) throw err;
    throw new Failure(`${what}: the connection was lost, so its outcome is not known`, {
      code: "unknown",
      reason: "sql/commit_unknown",
      retryable: false,
      cause: err,
    });
  }
}

async function committed(line: Line): Promise<void> {
  const { conn } = line.slot;
  line.slot.statement = "commit";
  const result = await outcome(conn, "sql: commit", () => bounded(conn, COMMIT_MS, () => conn.query("commit", [])));
  if (result.command !== "ROLLBACK") return;
  throw new Failure("sql: commit: rolled back, because a statement in the transaction had failed", {
    code: "failed_precondition",
    reason: "sql/tx_aborted",
    cause: line.failed,
  });
}

/**
 * leave rolls back after what still runs: a canceled statement, one that nobody awaited. A connection that cannot is
 * cut. Whoever is out of time does not wait for it: the connection is not free before. @internal
 */
export async function leave(ctx: Ctx, line: Line, text: string): Promise<void> {
  const { slot } = line;
  // It is somebody else's by now.
  if (line.ended) return;
  const settled = slot.settleAfter(async () => {
    await line.quiet();
    if (slot.conn.inTransaction && slot.conn.broken === undefined) {
      try {
        await bounded(slot.conn, ROLLBACK_MS, () => slot.conn.query(text, []));
      } catch {
        slot.conn.destroy();
      }
    }
    line.doomed = line.failed = line.begin = undefined;
  });
  await orDone(ctx, settled).catch(() => undefined);
}
