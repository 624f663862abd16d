import { label } from "../label.ts";
import { SqlFailure } from "../failure.ts";
import { type Meaning, meaningOf } from "../sqlstate.ts";

/** ServerError is what of the server's ErrorResponse is used. @internal */
export interface ServerError extends Error {
  readonly severity: string;
  readonly code: string;
  readonly constraint?: string | undefined;
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly position?: string | undefined;
  readonly routine?: string | undefined;
  readonly where?: string | undefined;
}

/** isServerError tells the server's word from an error of the network or of this process. @internal */
export function isServerError(err: unknown): err is ServerError {
  // pg sets both fields on its DatabaseError alone; the class itself is loaded late, with pg.
  return err instanceof Error && "severity" in err && "code" in err && typeof err.code === "string";
}

/**
 * readServerError reads the body of an ErrorResponse: a letter and a text for each field, and a zero byte.
 * Source: https://www.postgresql.org/docs/current/protocol-error-fields.html
 * @internal
 */
export function readServerError(bytes: Buffer, start: number): ServerError {
  const fields: Record<string, string> = {};
  for (let at = start; bytes[at] !== 0;) {
    const end = bytes.indexOf(0, at + 1);
    fields[String.fromCharCode(bytes[at]!)] = bytes.toString("utf8", at + 1, end);
    at = end + 1;
  }
  const { S, C, M, P, s, t, c, n, R } = fields;
  const named = {
    severity: S ?? "",
    code: C ?? "",
    position: P,
    schema: s,
    table: t,
    column: c,
    constraint: n,
    routine: R,
  };
  return Object.assign(new Error(M), named);
}

/** isStalePlan says that a prepared statement no longer fits or is gone; the server ran nothing of it. @internal */
export function isStalePlan(err: unknown): boolean {
  if (!isServerError(err)) return false;
  return (err.code === "0A000" && err.routine === "RevalidateCachedQuery") || err.code === "26000";
}

/**
 * statementFailure is an error of a statement as callers see it. The server's DETAIL and CONTEXT are left out, and the
 * original error with them: they quote values. @internal
 */
export function statementFailure(err: unknown, text: string, where = ""): SqlFailure {
  if (err instanceof SqlFailure) return err;
  const what = `sql: ${where}${label(text)}`;
  if (isServerError(err)) return fromServer(what, err, false);
  return new SqlFailure(`${what}: the connection was lost: ${messageOf(err)}`, {
    code: "unavailable",
    reason: "sql/connection_lost",
    retryable: false,
    cause: err,
  });
}

/** connectFailure is an error of the attempt to connect; nothing has run, so what is unavailable may be tried again. @internal */
export function connectFailure(err: unknown, where: string): SqlFailure {
  if (err instanceof SqlFailure) return err;
  const what = `sql: connect to ${where}`;
  if (isServerError(err)) return fromServer(what, err, true);
  return new SqlFailure(`${what}: ${messageOf(err)}`, {
    code: "unavailable",
    reason: "sql/connect_failed",
    cause: err,
  });
}

function fromServer(what: string, err: ServerError, connecting: boolean): SqlFailure {
  const { constraint, schema, table, column } = err;
  const stale = isStalePlan(err);
  const { code, reason } = stale
    ? ({ code: "aborted", reason: "sql/plan_changed" } as const)
    : (timeoutOf(err) ?? meaningOf(err.code));
  const at = err.position === undefined ? "" : ` (at character ${err.position})`;
  // The rest of the CONTEXT quotes values.
  const line = /^COPY .*?, line (\d+)/m.exec(err.where ?? "")?.[1];
  return new SqlFailure(`${what}: ${err.message}${at}${line === undefined ? "" : ` (row ${line})`}`, {
    code,
    reason,
    // A statement that the server ended together with the connection may have been committed.
    retryable: code === "aborted" || (connecting && (code === "unavailable" || code === "resource_exhausted")),
    sqlState: err.code,
    constraint,
    schema,
    table,
    column,
    position: err.position === undefined ? undefined : Number(err.position),
    row: line === undefined ? undefined : Number(line),
  });
}

// The state alone is the same for a cancel request, and for NOWAIT. A server whose messages are not English says no more.
function timeoutOf(err: ServerError): Meaning | undefined {
  if (err.code === "57014" && err.message.includes("statement timeout"))
    return { code: "deadline_exceeded", reason: "sql/statement_timeout" };
  if (err.code === "55P03" && err.message.includes("lock timeout"))
    return { code: "aborted", reason: "sql/lock_timeout" };
  return undefined;
}

function messageOf(err: unknown): string {
  // Node tries each address of a host and reports them together, with an empty message.
  if (err instanceof AggregateError) return err.errors.map(messageOf).join("; ");
  return err instanceof Error ? err.message : String(err);
}
