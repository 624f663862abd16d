import { Failure, type FailureOptions } from "../errors/index.ts";

/** SqlFailureOptions is what a database error says beside its message. */
export interface SqlFailureOptions extends FailureOptions {
  /** sqlState is the five-character code of the SQL standard, "23505"; undefined when no server said it. */
  readonly sqlState?: string | undefined;
  readonly constraint?: string | undefined;
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  /** position is the character of the statement, from 1, at which the server found the error. */
  readonly position?: number | undefined;
  /** row is which row of a copyFrom was refused, from 1; undefined when the server does not say. */
  readonly row?: number | undefined;
}

/**
 * SqlFailure is an error of the database or of the way to it. Callers branch on `reason` ("sql/unique_violation") and,
 * where several constraints may strike, on `constraint`; never on the message.
 *
 * The message starts with the first words of the statement and is for operators. `detail` is never set: neither SQL nor
 * values reach a client.
 *
 * `retryable` is true only when the statement cannot have had an effect: the connection was never made, the statement
 * was never sent, or it ran inside a transaction that was not committed. A connection that is lost while a statement
 * outside of a transaction runs leaves its outcome open: "sql/connection_lost", not retryable.
 */
export class SqlFailure extends Failure {
  readonly sqlState: string | undefined;
  readonly constraint: string | undefined;
  readonly schema: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly position: number | undefined;
  readonly row: number | undefined;

  constructor(message: string, options: SqlFailureOptions) {
    super(message, options);
    this.sqlState = options.sqlState;
    this.constraint = options.constraint;
    this.schema = options.schema;
    this.table = options.table;
    this.column = options.column;
    this.position = options.position;
    this.row = options.row;
  }

  static {
    this.prototype.name = "SqlFailure";
  }
}
