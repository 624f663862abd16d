import { formatDuration } from "../time/index.ts";
import type { Conn } from "./driver.ts";
import { label } from "./label.ts";

/** Slot is a connection of a pool and what the pool knows about it. @internal */
export class Slot {
  readonly conn: Conn;
  /** expiresAt, idleSince and heldSince are on the clock of performance.now(). */
  readonly expiresAt: number;
  idleSince = 0;
  heldSince = 0;
  /** holder names what holds the connection beyond one statement, "tx transfer"; "" for a single statement. */
  holder = "";
  /** statement is the text that was run on it last. */
  statement = "";
  /** settling is pending while a canceled statement or a rollback has still to end; the connection is not free before. */
  settling: Promise<void> | null = null;

  constructor(conn: Conn, expiresAt: number) {
    this.conn = conn;
    this.expiresAt = expiresAt;
  }

  /** holding says who holds the connection and since when. */
  holding(now: number): string {
    const statement = this.statement === "" ? "" : label(this.statement);
    const who = this.holder === "" ? statement : statement === "" ? this.holder : `${this.holder} (${statement})`;
    return `${who || "a caller"} for ${formatDuration(now - this.heldSince)}${this.settling === null ? "" : ", ending"}`;
  }

  /** settleAfter appends work that must end before the connection is free; the work must not reject. */
  settleAfter(work: () => Promise<void>): Promise<void> {
    // Who waits for it finds it gone, whoever is told first.
    const settling: Promise<void> = this.#settle(this.settling, work).finally(() => {
      if (this.settling === settling) this.settling = null;
    });
    this.settling = settling;
    return settling;
  }

  async #settle(before: Promise<void> | null, work: () => Promise<void>): Promise<void> {
    await before;
    await work();
  }
}
