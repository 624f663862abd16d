import type { Ctx } from "../context/index.ts";
import type { Failure } from "../errors/index.ts";

/** Row is one row of a result: its keys are the column names in camelCase. */
export type Row = Record<string, unknown>;

/** Result is what one statement gave. */
export interface Result<R = Row> {
  readonly rows: readonly R[];
  /** affected is the number of rows that an INSERT, UPDATE, DELETE or MERGE touched, or that a SELECT returned. */
  readonly affected: number;
  /** command is the first word of the server's command tag, "SELECT" or "COMMIT"; "" for an empty statement. */
  readonly command: string;
}

/**
 * Driver opens connections to one database. The pool that is opened over a driver owns it and closes it.
 *
 * Its errors are Failures: codes and reasons as SqlFailure documents them.
 */
export interface Driver {
  /** name is what the database is called in messages: "postgres". */
  readonly name: string;
  readonly can: Capabilities;
  /** connect opens a connection; it leaves nothing behind when ctx ends first. */
  connect(ctx: Ctx): Promise<Conn>;
  /**
   * openLane opens a connection that is pipelined, as connect does otherwise. A database that cannot do that has no
   * such method, and PoolOptions.pipeline is without effect on it.
   */
  openLane?(ctx: Ctx): Promise<LaneConn>;
  /** ping asks the server for a sign of life on a connection of its own, so that a busy pool does not delay it. */
  ping(ctx: Ctx): Promise<void>;
  /** close ends what the driver holds beside the connections it gave out. */
  close(): Promise<void>;
}

/** Capabilities says what a database cannot do, for code that needs it to ask. */
export interface Capabilities {
  /** cancel: a running statement can be canceled by another message; without it the caller leaves and it runs on. */
  readonly cancel: boolean;
  /** advisoryLocks: pg_advisory_lock holds between connections, of other processes too. */
  readonly advisoryLocks: boolean;
}

/**
 * Conn is one session of the server. Calls never overlap: whoever holds it starts the next one when the last has
 * settled. A call settles when the server is ready for the next statement, and not before.
 */
export interface Conn {
  /** query runs one statement with arguments $1, $2, …. */
  query(text: string, args: readonly unknown[]): Promise<Result>;
  /** begin runs a BEGIN and, in the same round trip, a statement; when the BEGIN fails, the statement is not run. */
  begin(begin: string, text: string, args: readonly unknown[]): Promise<Result>;
  /** script runs several statements without arguments, which outside of a transaction commit or fail together. */
  script(text: string): Promise<void>;
  /** batch runs several statements in one round trip: all commit or, when one fails, none. */
  batch(statements: readonly Statement[]): Promise<Result[]>;
  /** rows runs one statement through a portal: `fetch` rows at a time go to the sink. */
  rows(text: string, args: readonly unknown[], fetch: number, sink: (rows: readonly Row[]) => void): Feed;
  /** copyOut runs COPY … TO STDOUT; what it gives goes to the sink, which owns it. */
  copyOut(text: string, sink: (bytes: Uint8Array) => void): Feed;
  /** copyIn runs COPY … FROM STDIN. */
  copyIn(text: string): CopyIn;
  /** watch tells of notifications, and once of the loss of the connection. */
  watch(watcher: Watcher): void;
  /** cancel asks the server to cancel what runs; it resolves when the server has taken note and the request is over. */
  cancel(): Promise<void>;
  /** close says goodbye to the server; it resolves when the connection is gone, and never rejects. */
  close(): Promise<void>;
  /** destroy cuts the connection; what runs on it fails. */
  destroy(): void;
  /** inTransaction says whether the session was inside a transaction, failed or not, when it was last ready. */
  readonly inTransaction: boolean;
  /** broken is why the connection can no longer be used, undefined while it can. */
  readonly broken: Failure | undefined;
}

/** Statement is a text with the arguments $1, $2, … */
export interface Statement {
  readonly text: string;
  readonly args: readonly unknown[];
}

/** Feed is a statement whose result comes piece by piece, the first by itself, each further one when it is asked for. */
export interface Feed {
  /** more asks for the next piece; called when the last one has come. */
  more(): void;
  /** stop gives up what has not come yet, as soon as the server stops to work on it; it cancels nothing. */
  stop(): void;
  /** over settles when the server is ready for the next statement. */
  readonly over: Promise<void>;
}

/** CopyIn is a COPY FROM STDIN that takes rows. */
export interface CopyIn {
  /** room resolves when rows can be taken, or when the copy is over. */
  room(): Promise<void>;
  /** add takes a row; false: enough for now, wait for room. Throws invalid_argument for a value that cannot be sent. */
  add(row: readonly unknown[]): boolean;
  /** end says that all rows were given. */
  end(): void;
  /** fail gives the copy up: none of its rows stays. `over` rejects with what the server says to that. */
  fail(): void;
  /** ended says that no more rows are wanted, because the server or fail has ended it. */
  readonly ended: boolean;
  /** over settles when the server is ready for the next statement, with the number of rows. */
  readonly over: Promise<number>;
}

/** Watcher is told what comes on a connection without being asked for. */
export interface Watcher {
  notified(channel: string, payload: string): void;
  lost(why: Failure): void;
}

/**
 * LaneConn is one session of the server that is sent statements before the last ones are answered. They are answered in
 * order, and each commits or fails by itself.
 */
export interface LaneConn {
  /** send writes statements, all at once. The connection must not be broken. */
  send(statements: readonly LaneStatement[]): void;
  /** head is the statement that is answered next, undefined when none is on its way. */
  readonly head: LaneStatement | undefined;
  /** depth is how many statements are on their way. */
  readonly depth: number;
  /**
   * onLost says what to call, once, when the connection has become broken otherwise than by close, and every statement
   * that was on its way has failed.
   */
  onLost(listener: () => void): void;
  /** cancel, close, destroy and broken are as those of Conn. */
  cancel(): Promise<void>;
  close(): Promise<void>;
  destroy(): void;
  readonly broken: Failure | undefined;
}

/** LaneStatement is a statement on its way; one of its functions is called, once, when it is no longer on its way. */
export interface LaneStatement {
  readonly text: string;
  readonly args: readonly unknown[];
  /** With `complete` the rows are the caller's only when that resolves: their types are being looked up. */
  done(result: Result, complete?: Promise<void>): void;
  /** failed takes a SqlFailure; one with an sqlState, or "sql/plan_changed", says that the statement was rolled back. */
  failed(err: unknown): void;
}
