import type { Database } from "./database.ts";
import { message, typeOf } from "./wire.ts";

/** MAX_WAL_BYTES is how much WAL may stand between two checkpoints: after a crash it is read again, in about 0.4 s. */
export const MAX_WAL_BYTES: number = 32 * 1024 * 1024;

// How much work may be done before the WAL is measured again, which takes 0.2 ms.
const MEASURE_EVERY_MS = 250;

const MEASURE = message(
  "Q",
  `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) > ${MAX_WAL_BYTES} from pg_control_checkpoint()`,
);
const CHECKPOINT = message("Q", "checkpoint");

/**
 * Checkpoints writes a checkpoint when there is much WAL. The embedded PostgreSQL has no process that does: without
 * this its WAL grows, and the start after a crash takes longer, until the database is closed.
 */
export class Checkpoints {
  readonly #database: Database;
  // The time that statements took since the WAL was measured; what writes much takes long.
  #workMs = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** worked takes note of work in the database. */
  worked(ms: number): void {
    this.#workMs += ms;
  }

  /** run is called when no transaction is open; true if it ran statements of its own. */
  async run(): Promise<boolean> {
    if (this.#workMs < MEASURE_EVERY_MS) return false;
    this.#workMs = 0;
    let due = false;
    await this.#database.exec(MEASURE, (m) => {
      // A DataRow of one boolean ends in "t" or "f".
      if (typeOf(m) === "D") due = m.at(-1) === 0x74;
    });
    if (due) await this.#database.exec(CHECKPOINT, () => {});
    return true;
  }
}
