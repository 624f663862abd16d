import { Failure } from "../../errors/index.ts";
import { joined } from "./channel.ts";
import { COPY_IN_RESPONSE, CopyIn, NO_COPY_IN, isCopyIn, mayCopyIn } from "./copy.ts";
import { Reply } from "./reply.ts";
import type { Listener, Session, Turn } from "./session.ts";
import { accepted, startupKind } from "./startup.ts";
import { Statements, queryText, statementRef } from "./statement.ts";
import { Splitter, errorResponse, message, typeOf } from "./wire.ts";

/** Client is the other end of a connection. */
export interface Client {
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** taken says that so many bytes more have been worked off. */
  taken(bytes: number): void;
  /** end says that the server has ended the connection; nothing is sent after it. */
  end(): void;
}

/**
 * Connection is the server's end of one client connection: to the client it is a PostgreSQL of its own, as far as one
 * session for all can be. It has at most one turn in the session at a time, with all that has arrived until then.
 */
export class Connection implements Turn, Listener {
  readonly #id: number;
  readonly #session: Session;
  readonly #client: Client;
  readonly #splitter = new Splitter();
  readonly #statements: Statements;
  #state: "new" | "open" | "over" = "new";
  // Messages for the next turn.
  #batch: Buffer[] = [];
  // Bytes that arrived and were not reported as taken.
  #untaken = 0;
  #copy: CopyIn | undefined = undefined;
  // The next turn holds a COPY.
  #copied = false;
  // COPY_IN_RESPONSE is to be sent when what came before it has been answered.
  #copyAsked = false;
  // The transaction that is open in the session is this connection's.
  #held = false;
  // The last Parse of the unnamed statement, to be given to the session again when others have used it meanwhile.
  #unnamed: Buffer | undefined = undefined;
  // Whether the next turn uses or parses the unnamed statement, and the Parse of an earlier turn that it starts from.
  #usesUnnamed = false;
  #unnamedBefore: Buffer | undefined = undefined;

  constructor(id: number, session: Session, client: Client) {
    this.#id = id;
    this.#session = session;
    this.#client = client;
    this.#statements = new Statements(id);
  }

  get pending(): boolean {
    if (this.#state === "over") return this.#held || this.#statements.open > 0;
    return this.#batch.length > 0;
  }

  /** receive takes bytes of the client. */
  receive(bytes: Uint8Array): void {
    if (this.#state === "over") return;
    this.#untaken += bytes.byteLength;
    try {
      this.#splitter.push(bytes);
      for (let next = this.#next(); next !== undefined; next = this.#next()) this.#accept(next);
    } catch (err) {
      if (!(err instanceof Failure)) throw err;
      this.#refuse(err.code === "resource_exhausted" ? "54000" : "08P01", err.message);
    }
    if (this.pending) this.#session.request(this);
    else this.#take();
  }

  /** leave is called when the client has gone: its transaction is rolled back, its prepared statements are closed. */
  leave(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#session.listeners.delete(this);
    if (this.pending) this.#session.request(this);
  }

  async run(): Promise<boolean> {
    if (this.#state === "over") return this.#cleanUp();
    const reply = new Reply(
      (bytes) => this.#send(bytes),
      (notification) => this.#session.listeners.forEach((listener) => listener.notify(notification)),
    );
    this.#restoreUnnamed(reply);
    if (this.#copied) reply.hide("G", Infinity);
    this.#copied = false;
    const messages = joined(this.#batch);
    this.#batch = [];
    await this.#session.exec(messages, (m) => reply.add(m));
    reply.flush();
    this.#held = !reply.idle;
    this.#askForCopy();
    if (!this.pending) this.#take();
    return reply.idle;
  }

  notify(notification: Buffer): void {
    this.#send(new Uint8Array(notification));
  }

  #next(): Buffer | undefined {
    if (this.#state === "over") return undefined;
    return this.#state === "new" ? this.#splitter.nextStartup() : this.#splitter.next();
  }

  #accept(m: Buffer): void {
    if (this.#state === "new") return this.#start(m);
    if (this.#copy !== undefined) return this.#acceptCopy(this.#copy, m);
    const type = typeOf(m);
    switch (type) {
      case "Q":
        return this.#acceptQuery(m);
      case "P":
      case "B":
      case "C":
      case "D":
        return this.#acceptNaming(m);
      case "E":
      case "H":
      case "S":
        return void this.#batch.push(m);
      case "c":
      case "d":
      case "f":
        // What is left of a COPY that has failed.
        return;
      case "X":
        this.leave();
        return this.#client.end();
      default:
        // The embedded PostgreSQL does not survive a message that it does not know.
        return this.#refuse("08P01", `sql: pglite: a message of type ${JSON.stringify(type)}`);
    }
  }

  #start(packet: Buffer): void {
    switch (startupKind(packet)) {
      case "encryption":
        return this.#send(new Uint8Array(Buffer.from("N")));
      case "startup":
        this.#state = "open";
        this.#session.listeners.add(this);
        return this.#send(accepted(this.#id, this.#session.greeting));
      case "cancel":
        // What runs cannot be canceled: it has the thread to itself until it is done.
        this.leave();
        return this.#client.end();
      case "unknown":
        return this.#refuse("0A000", "sql: pglite: a protocol other than 3");
    }
  }

  #acceptQuery(m: Buffer): void {
    // A simple query ends the unnamed statement.
    this.#unnamed = undefined;
    if (!mayCopyIn(m.toString("latin1", 5))) return void this.#batch.push(m);
    this.#copy = new CopyIn(m);
    this.#copyAsked = true;
    this.#askForCopy();
  }

  #acceptCopy(copy: CopyIn, m: Buffer): void {
    if (typeOf(m) === "X") {
      this.leave();
      return this.#client.end();
    }
    const all = copy.add(m);
    if (all === undefined) return;
    this.#copy = undefined;
    this.#copied = true;
    this.#batch.push(...all);
  }

  #askForCopy(): void {
    if (!this.#copyAsked || this.pending) return;
    this.#copyAsked = false;
    this.#send(new Uint8Array(COPY_IN_RESPONSE));
  }

  #acceptNaming(m: Buffer): void {
    const ref = statementRef(m);
    if (ref === undefined) return void this.#batch.push(m);
    if (typeOf(m) === "P" && isCopyIn(queryText(m, ref.end))) {
      const refused = message("P", m.subarray(5, ref.end), NO_COPY_IN, Buffer.alloc(2));
      return void this.#batch.push(ref.name === "" ? refused : this.#statements.rename(refused, ref));
    }
    if (ref.name !== "") return void this.#batch.push(this.#statements.rename(m, ref));
    if (!this.#usesUnnamed && typeOf(m) !== "P") this.#unnamedBefore = this.#unnamed;
    this.#usesUnnamed = true;
    if (typeOf(m) === "P") this.#unnamed = m;
    this.#batch.push(m);
  }

  // A Bind of the unnamed statement that an earlier turn parsed finds another's when others had the session meanwhile.
  #restoreUnnamed(reply: Reply): void {
    if (this.#unnamedBefore !== undefined && this.#session.unnamed !== this) {
      this.#batch.unshift(this.#unnamedBefore);
      reply.hide("1", 1);
    }
    this.#usesUnnamed = false;
    this.#unnamedBefore = undefined;
    this.#session.unnamed = this;
  }

  // Twice: after an error the server ignores all before a Sync, and without one a Sync commits what is not in a block.
  async #cleanUp(): Promise<true> {
    const rollback = message("Q", "rollback");
    const end = this.#held ? [rollback, message("S"), rollback] : [];
    this.#held = false;
    const messages = joined([...end, ...this.#statements.closeAll(), message("S")]);
    this.#session.unnamed = undefined;
    await this.#session.exec(messages, () => {});
    return true;
  }

  #send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#state !== "over") this.#client.send(bytes);
  }

  #take(): void {
    if (this.#untaken > 0) this.#client.taken(this.#untaken);
    this.#untaken = 0;
  }

  #refuse(sqlState: string, text: string): void {
    this.#send(new Uint8Array(errorResponse("FATAL", sqlState, text)));
    this.leave();
    this.#client.end();
  }
}
