import { type Ctx, background, withTimeout } from "../../context/index.ts";
import { bounded } from "../bounded.ts";
import type { Conn } from "../driver.ts";
import type { ColumnOrigin } from "./json-columns.ts";
import type { Types } from "./types.ts";

// To connect, and two statements on the catalog.
const LEARN_MS = 5000;

/**
 * Learner looks types up over a connection of its own, one look-up at a time, for statements whose own connection has
 * others to serve. @internal
 */
export class Learner {
  readonly types: Types;
  readonly #connect: (ctx: Ctx) => Promise<Conn>;
  #last: Promise<void> = Promise.resolve();

  constructor(types: Types, connect: (ctx: Ctx) => Promise<Conn>) {
    this.types = types;
    this.#connect = connect;
  }

  /** learn resolves when the types of these columns are known; it throws what connecting or asking threw. */
  learn(columns: readonly ColumnOrigin[]): Promise<void> {
    const mine = this.#after(this.#last, columns);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #after(last: Promise<void>, columns: readonly ColumnOrigin[]): Promise<void> {
    await last;
    if (columns.every((column) => this.types.parserOf(column) !== undefined)) return;
    using ctx = withTimeout(background, LEARN_MS);
    const conn = await this.#connect(ctx);
    try {
      await bounded(conn, LEARN_MS, () =>
        this.types.learn(columns, async (text, args) => (await conn.query(text, args)).rows),
      );
    } finally {
      await conn.close();
    }
  }
}
