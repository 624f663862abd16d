import { Checkpoints } from "./checkpoint.ts";
import type { Database } from "./database.ts";

/** Turn is what a connection wants to run in the session. */
export interface Turn {
  /** pending says whether there is anything to run. */
  readonly pending: boolean;
  /** run runs it; true when no transaction is open after it, so that the session is free. */
  run(): Promise<boolean>;
}

/** Listener is a connection that gets the notifications of the session. */
export interface Listener {
  notify(notification: Buffer): void;
}

/**
 * Session shares the one session that the embedded PostgreSQL has. A connection holds it from its first message until
 * no transaction is open; the others wait in the order in which they came. One whose connection has gone meanwhile has
 * nothing pending and is passed over.
 *
 * What is the session's is therefore everybody's: SET, temporary tables, LISTEN, advisory locks, PREPARE in SQL.
 */
export class Session {
  /** greeting is what the server says of itself to each connection. */
  readonly greeting: Buffer;
  /** listeners get every notification: the session listens as a whole, and the clients tell the channels apart. */
  readonly listeners: Set<Listener> = new Set();
  /** unnamed is whose the unnamed statement is that the session holds. */
  unnamed: Turn | undefined = undefined;

  readonly #database: Database;
  readonly #checkpoints: Checkpoints;
  // In the order of arrival; a Set, so that a connection stands in it once.
  readonly #waiting: Set<Turn> = new Set();
  #holder: Turn | undefined = undefined;
  #running = false;

  constructor(database: Database) {
    this.#database = database;
    this.#checkpoints = new Checkpoints(database);
    this.greeting = database.greeting;
  }

  /** request runs a turn as soon as the session is its own. What a turn throws ends the worker. */
  request(turn: Turn): void {
    if (turn !== this.#holder) this.#waiting.add(turn);
    if (!this.#running) void this.#run();
  }

  /** exec runs messages for the turn that is running. */
  async exec(messages: Uint8Array, onMessage: (message: Buffer) => void): Promise<void> {
    const start = performance.now();
    await this.#database.exec(messages, onMessage);
    this.#checkpoints.worked(performance.now() - start);
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let turn = this.#next(); turn !== undefined; turn = this.#next()) {
      this.#holder = turn;
      if (!(await turn.run())) continue;
      this.#holder = undefined;
      if (turn.pending) this.#waiting.add(turn);
      if (await this.#checkpoints.run()) this.unnamed = undefined;
    }
    this.#running = false;
  }

  #next(): Turn | undefined {
    if (this.#holder !== undefined) return this.#holder.pending ? this.#holder : undefined;
    for (const turn of this.#waiting) {
      this.#waiting.delete(turn);
      if (turn.pending) return turn;
    }
    return undefined;
  }
}
