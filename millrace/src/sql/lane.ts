import { as } from "../errors/index.ts";
import type { LaneConn } from "./driver.ts";
import { SqlFailure } from "./failure.ts";
import { label } from "./label.ts";
import { LaneCancel } from "./lane-cancel.ts";
import type { Carrier, LaneEntry } from "./lane-entry.ts";

// Deep enough to hide the way to the server and back, not so deep that one slow statement holds up a crowd.
const MAX_DEPTH = 32;
// A lane whose statement runs for longer than this is passed over: what came behind it would wait for no reason.
const STALLED_MS = 5;

/** LaneEnd is why a lane takes no more. @internal */
export type LaneEnd = "lifetime" | "idle" | "health" | "broken" | "pool closed";

/** LaneOwner is what a lane asks of the pool. @internal */
export interface LaneOwner {
  /** flushSoon calls lane.flush at the end of this tick. */
  flushSoon(lane: Lane): void;
  /** place finds another place for a statement that was not written. */
  place(entry: LaneEntry): void;
  /** again runs a statement once more, that the server has rolled back. */
  again(entry: LaneEntry): void;
  /** changed is called when a lane has more room, is empty, or is lost. */
  changed(lane: Lane): void;
  /** cancel sends a cancel request, as soon as the pool has few enough under way. */
  cancel(conn: LaneConn, wanted: () => boolean): Promise<void>;
}

/**
 * Lane is a connection on which statements follow each other without waiting for answers.
 *
 * A cancel request names a connection and not a statement. So when the caller of a written statement leaves, the lane
 * is shut: it takes nothing new until it is empty and the last request is over. The request goes out when the statement
 * is the one that the server works on. If it strikes a later one nevertheless, that one was rolled back, and runs again
 * on a connection where nothing can strike it. @internal
 */
export class Lane implements Carrier {
  readonly conn: LaneConn;
  /** expiresAt is on the clock of performance.now(), as since is. */
  readonly expiresAt: number;
  /** since is when the statement that runs began, as far as is known here; on an empty lane, when the last one ended. */
  since: number = performance.now();
  /** ending says why the lane takes nothing new any more. */
  ending: LaneEnd | undefined = undefined;
  /** checking says that the lane is asked for a sign of life, and takes nothing until it has given one. */
  checking = false;
  readonly #owner: LaneOwner;
  readonly #cancel: LaneCancel;
  // Taken in this tick, and not written yet.
  #pending: LaneEntry[] = [];
  #shut = false;
  // Statements on their way whose callers have gone.
  #left = 0;

  constructor(conn: LaneConn, expiresAt: number, owner: LaneOwner) {
    this.conn = conn;
    this.expiresAt = expiresAt;
    this.#owner = owner;
    this.#cancel = new LaneCancel(conn, owner);
    conn.onLost(() => this.#lost());
  }

  /** load is how many statements are on their way or about to be written. */
  get load(): number {
    return this.conn.depth + this.#pending.length;
  }

  /** empty says that the connection has nothing to do and nothing to fear. */
  get empty(): boolean {
    return this.load === 0 && !this.#cancel.busy;
  }

  get shut(): boolean {
    return this.#shut;
  }

  /** takes says whether the lane takes one more now. */
  takes(now: number): boolean {
    const { depth } = this.conn;
    if (this.ending !== undefined || this.#shut || this.checking || depth + this.#pending.length >= MAX_DEPTH)
      return false;
    return depth === 0 || now - this.since <= STALLED_MS;
  }

  push(entry: LaneEntry): void {
    entry.carrier = this;
    if (this.#pending.push(entry) === 1) this.#owner.flushSoon(this);
  }

  /** flush writes what was taken in this tick, at once. */
  flush(): void {
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#pending = [];
    if (this.conn.depth === 0) this.since = performance.now();
    for (const entry of batch) entry.written = true;
    this.conn.send(batch);
  }

  leave(entry: LaneEntry): void {
    if (!entry.written) {
      this.#pending.splice(this.#pending.indexOf(entry), 1);
      this.#owner.changed(this);
      return;
    }
    this.#left++;
    this.#shut = true;
    const pending = this.#pending;
    this.#pending = [];
    for (const other of pending) this.#owner.place(other);
    this.#settle();
  }

  settled(entry: LaneEntry, err: unknown): boolean {
    const now = performance.now();
    entry.about.took(this.since, now);
    this.since = now;
    if (entry.left) this.#left--;
    const again = err !== undefined && !entry.left && this.#rolledBack(err);
    if (again) this.#owner.again(entry);
    if (this.#shut) this.#settle();
    else this.#owner.changed(this);
    return again;
  }

  /** describe says what holds the lane up, to a reader. */
  describe(now: number): string {
    const { head } = this.conn;
    const what = head === undefined ? "nothing" : `"${label(head.text)}" for ${Math.round(now - this.since)} ms`;
    return `${this.load} on a lane behind ${what}${this.#shut ? ", canceled" : ""}`;
  }

  // Of what was rolled back nothing remains, so that running it again is running it once. The server says so when a
  // cancel that was meant for another struck it, and when a prepared statement no longer fits.
  #rolledBack(err: unknown): boolean {
    const failure = as(err, SqlFailure);
    if (failure === undefined) return false;
    return failure.reason === "sql/plan_changed" || (failure.sqlState === "57014" && this.#cancel.sent);
  }

  // On a lane that is shut: cancels what runs for nobody, and opens the lane when that is over.
  #settle(): void {
    const head = this.conn.head as LaneEntry | undefined;
    this.#cancel.moved(head);
    if (head?.left === true) this.#cancel.strike(head, () => this.#settle());
    if (this.#cancel.givenUp && this.#left === this.conn.depth && this.#left > 0) this.conn.destroy();
    if (!this.empty) return;
    if (this.#cancel.uncertain) this.ending ??= "broken";
    this.#shut = false;
    this.#cancel.reset();
    this.#owner.changed(this);
  }

  #lost(): void {
    this.ending ??= "broken";
    const pending = this.#pending;
    this.#pending = [];
    for (const entry of pending) this.#owner.place(entry);
    this.#owner.changed(this);
  }
}
