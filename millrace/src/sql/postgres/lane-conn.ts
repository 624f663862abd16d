import type { Client } from "pg";
import type { LaneConn, LaneStatement } from "../driver.ts";
import type { SqlFailure } from "../failure.ts";
import { encodeArgs } from "./args.ts";
import type { PgConn } from "./conn.ts";
import { Answer } from "./lane-answer.ts";
import { Frames } from "./lane-frames.ts";
import { Packet } from "./packet.ts";
import type { Learner } from "./learner.ts";
import { PreparedCache } from "./prepared.ts";
import { isStalePlan, readServerError, statementFailure } from "./server-error.ts";
import type { Shape } from "./shape.ts";

const PARSE_COMPLETE = 0x31;
const ROW_DESCRIPTION = 0x54;
const NO_DATA = 0x6e;
const DATA_ROW = 0x44;
const COMMAND_COMPLETE = 0x43;
const READY = 0x5a;
const ERROR = 0x45;
const PARAMETER = 0x53;
// The state that ReadyForQuery names outside of a transaction.
const IDLE = 0x49;
// BindComplete, CloseComplete, notices and notifications, EmptyQueryResponse: nothing to do.
const IGNORED: ReadonlySet<number> = new Set([0x32, 0x33, 0x4e, 0x41, 0x49]);

/**
 * PgLaneConn is a connection that pg has opened and whose socket is then read and written here: pg's own pipeline makes
 * an event and several objects of each message.
 *
 * Every statement has a Sync of its own, so that it commits by itself and an error skips nothing but its own rest. Its
 * text is prepared by the first statement that brings it; until that has succeeded, others with the same text go
 * unnamed, and until the rows are described, each asks for that by itself.
 * Source: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 * @internal
 */
export class PgLaneConn implements LaneConn {
  readonly #conn: PgConn;
  readonly #client: Client;
  readonly #prepared: PreparedCache;
  readonly #learner: Learner;
  readonly #packet = new Packet();
  // On their way, the one that is answered next first.
  #first: Answer | undefined = undefined;
  #last: Answer | undefined = undefined;
  #depth = 0;
  #lost: (() => void) | undefined = undefined;

  /** Takes over the socket of a connected client, on which nothing runs. */
  constructor(conn: PgConn, client: Client, preparedStatements: number, learner: Learner) {
    this.#conn = conn;
    this.#client = client;
    this.#prepared = new PreparedCache(preparedStatements);
    this.#learner = learner;
    const frames = new Frames((type, bytes, start, end) => this.#take(type, bytes, start, end));
    const { stream } = client.connection;
    stream.removeAllListeners("data");
    stream.on("data", (chunk: Buffer) => {
      try {
        frames.read(chunk);
      } catch (err) {
        // As pg tells of an error of the socket.
        client.emit("error", err);
        conn.destroy();
      }
    });
    client.on("error", (err) => this.#lose(err));
    client.on("end", () => this.#lose(new Error("the server closed the connection")));
  }

  get broken(): SqlFailure | undefined {
    return this.#conn.broken;
  }

  get head(): LaneStatement | undefined {
    return this.#first?.statement;
  }

  get depth(): number {
    return this.#depth;
  }

  onLost(listener: () => void): void {
    this.#lost = listener;
  }

  send(statements: readonly LaneStatement[]): void {
    const refused: { readonly statement: LaneStatement; readonly err: unknown }[] = [];
    for (const statement of statements) {
      try {
        this.#write(statement);
      } catch (err) {
        refused.push({ statement, err });
      }
    }
    const packet = this.#packet.take();
    if (packet.length > 0) this.#client.connection.stream.write(packet);
    for (const { statement, err } of refused) statement.failed(err);
  }

  cancel(): Promise<void> {
    return this.#conn.cancel();
  }

  close(): Promise<void> {
    this.#lost = undefined;
    return this.#conn.close();
  }

  destroy(): void {
    this.#conn.destroy();
    this.#lose(this.#conn.broken);
  }

  #write(statement: LaneStatement): void {
    const { text } = statement;
    const args = encodeArgs(text, statement.args, this.#learner.types);
    const packet = this.#packet;
    const known = this.#prepared.get(text);
    const naming = known === undefined;
    // One that is being prepared may yet fail at it.
    const prepared = naming ? this.#prepared.add(text) : known.shape === undefined ? undefined : known;
    const name = prepared?.name ?? "";
    for (const forgotten of this.#prepared.takeForgotten()) packet.closeStatement(forgotten);
    if (naming || prepared === undefined) packet.parse(name, text);
    packet.bind(name, args);
    if (prepared?.shape === undefined) packet.describePortal();
    packet.execute();
    packet.sync();
    const answer = new Answer(statement, prepared, naming);
    if (this.#last === undefined) this.#first = answer;
    else this.#last.next = answer;
    this.#last = answer;
    this.#depth++;
  }

  #take(type: number, bytes: Buffer, start: number, end: number): void {
    const answer = this.#first;
    if (type === ERROR) {
      const err = readServerError(bytes, start);
      if (answer === undefined) throw err;
      answer.error ??= err;
    } else if (type === PARAMETER) {
      const [parameterName, parameterValue] = bytes.toString("utf8", start, end).split("\0");
      // As pg tells of it.
      this.#client.connection.emit("parameterStatus", { parameterName, parameterValue });
    } else if (answer === undefined) {
      if (!IGNORED.has(type)) throw new Error(`an unexpected message: ${type}`);
    } else if (type === DATA_ROW) answer.row(bytes, start);
    else if (type === READY) this.#settle(answer, bytes[start]!);
    else if (type === COMMAND_COMPLETE) answer.completed(bytes, start, end);
    else if (type === ROW_DESCRIPTION) answer.described(bytes, start, this.#learner.types);
    else if (type === NO_DATA) answer.shape = null;
    else if (type !== PARSE_COMPLETE && !IGNORED.has(type)) throw new Error(`an unexpected message: ${type}`);
  }

  #settle(answer: Answer, status: number): void {
    if (status !== IDLE) throw new Error("a statement on a lane left a transaction open");
    this.#shift(answer);
    const { statement, prepared, shape, error } = answer;
    if (answer.naming && prepared !== undefined) {
      if (shape === undefined) this.#prepared.drop(statement.text);
      else prepared.shape = shape;
    }
    if (error === undefined) {
      if (shape === null || shape === undefined || shape.unknown.length === 0) statement.done(answer.result());
      else statement.done(answer.result(), this.#learn(answer, shape));
      return;
    }
    if (isStalePlan(error)) this.#prepared.drop(statement.text);
    const failure = statementFailure(error, statement.text);
    const demoted = this.#conn.demoted(failure);
    statement.failed(demoted ?? failure);
    if (demoted === undefined) return;
    // What is on its way is answered, nothing more is taken.
    const lost = this.#lost;
    this.#lost = undefined;
    lost?.();
  }

  async #learn({ rows, prepared }: Answer, shape: Shape): Promise<void> {
    await this.#learner.learn(shape.unknown);
    const learned = shape.learned(rows);
    if (prepared?.shape === shape) prepared.shape = learned;
  }

  #shift(answer: Answer): void {
    this.#first = answer.next;
    if (answer.next === undefined) this.#last = undefined;
    this.#depth--;
  }

  #lose(err: unknown): void {
    for (let answer = this.#first; answer !== undefined; answer = this.#first) {
      this.#shift(answer);
      // What the server said last to the one that ran says more than that it hung up.
      answer.statement.failed(statementFailure(answer.error ?? err, answer.statement.text));
    }
    const lost = this.#lost;
    this.#lost = undefined;
    lost?.();
  }
}
