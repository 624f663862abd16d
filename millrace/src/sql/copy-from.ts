import { type Ctx, afterDone } from "../context/index.ts";
import { Failure, wrap } from "../errors/index.ts";
import type { CopyIn } from "./driver.ts";
import type { Hold } from "./feed.ts";
import { quoteName } from "./sql.ts";

/** CopySource is the rows of a copyFrom: the values of each in the order of the columns. */
export type CopySource = Iterable<readonly unknown[]> | AsyncIterable<readonly unknown[]>;

/** copyFrom is Querier.copyFrom. @internal */
export async function copyFrom(
  ctx: Ctx,
  hold: Hold,
  table: string | readonly string[],
  columns: readonly string[],
  rows: CopySource,
): Promise<number> {
  const name = typeof table === "string" ? quoteName(table) : table.map(quoteName).join(".");
  if (columns.length === 0 || name === "") throw bad("copyFrom: a table and its columns are needed");
  const text = `copy ${name} (${columns.map(quoteName).join(", ")}) from stdin`;
  let own: { readonly err: unknown } | undefined;
  try {
    return await hold(ctx, text, async (conn, stoppable) => {
      const copy = conn.copyIn(text);
      const stop = (): void => copy.fail();
      stoppable(stop);
      using _stop = afterDone(ctx, stop);
      // Not awaited: a source that hangs must not keep the connection. It is closed when it gives its next row.
      void pump(copy, rows, columns.length, (err) => {
        own = { err };
      });
      return await copy.over;
    });
  } catch (err) {
    throw own === undefined ? err : own.err;
  }
}

// Gives rows to a copy until one of them is over. An error of the source ends the copy, and is told before.
async function pump(copy: CopyIn, rows: CopySource, width: number, failed: (err: unknown) => void): Promise<void> {
  let n = 0;
  const add = (row: readonly unknown[]): boolean => {
    n++;
    if (row.length !== width) throw bad(`copyFrom: row ${n}: ${row.length} values for ${width} columns`);
    try {
      return copy.add(row);
    } catch (err) {
      throw wrap(err, `sql: copyFrom: row ${n}`);
    }
  };
  try {
    await copy.room();
    if (copy.ended) return;
    if (Symbol.asyncIterator in rows) {
      for await (const row of rows) {
        if (!copy.ended && !add(row)) await copy.room();
        if (copy.ended) return;
      }
    } else {
      for (const row of rows) {
        if (!add(row)) await copy.room();
        if (copy.ended) return;
      }
    }
    copy.end();
  } catch (err) {
    if (copy.ended) return;
    failed(err);
    copy.fail();
  }
}

function bad(what: string): Failure {
  return new Failure(`sql: ${what}`, { code: "invalid_argument", reason: "sql/bad_argument" });
}
