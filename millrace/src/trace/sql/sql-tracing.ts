import { Failure, as, codeOf } from "../../errors/index.ts";
import { type PoolHooks, type QueryEvent, SqlFailure } from "../../sql/index.ts";
import { activeSpan } from "../active.ts";
import { type Span, startSpan } from "../index.ts";
import { operationOf, sanitized, summaryOf } from "./statement.ts";

// A shorter wait for a connection says nothing.
const WAIT_MS = 1;

/** SqlTracingOptions says what the pool's hooks do not know. */
export interface SqlTracingOptions {
  /** database is the database's name, for `db.namespace`. Default: none. */
  readonly database?: string;
}

/**
 * sqlTracing makes every statement of a pool a span, named "SELECT users": `openPool(ctx, driver, { hooks: sqlTracing() })`. It
 * holds the statement without its literals, and never an argument, nor what the database says of an error. A wait for a connection of a millisecond or more is an
 * event of the span around it, and so is a connection that was not to be had.
 * Source: https://opentelemetry.io/docs/specs/semconv/database/postgresql/
 */
export function sqlTracing(options: SqlTracingOptions = {}): Required<PoolHooks> {
  return {
    acquire(ctx, { holder, waitMs, err }) {
      if (waitMs < WAIT_MS && err === undefined) return;
      const span = ctx.get(activeSpan);
      if (span === undefined || !span.recording) return;
      span.event("sql.acquire", { wait_ms: waitMs, holder, error: err === undefined ? undefined : codeOf(err) });
    },
    query(ctx, event) {
      const span = startSpan(ctx, "SQL", { kind: "client", startedAt: performance.now() - event.durationMs });
      if (span.recording) describe(span, event, options);
      span.end();
    },
  };
}

function describe(span: Span, { text, rows, err }: QueryEvent, { database }: SqlTracingOptions): void {
  const clean = sanitized(text);
  const summary = summaryOf(clean);
  span.rename(summary).set("db.system.name", "postgresql").set("db.namespace", database);
  span.set("db.operation.name", operationOf(clean)).set("db.query.summary", summary).set("db.query.text", clean);
  if (err === undefined) span.set("db.response.returned_rows", rows);
  else fail(span, err);
}

// The message of a database may hold what was sent to it, 'invalid input syntax for type integer: "secret"'.
function fail(span: Span, err: unknown): void {
  const code = codeOf(err);
  span.set("db.response.status_code", as(err, SqlFailure)?.sqlState);
  span.set("error.type", as(err, Failure)?.reason ?? code);
  if (code !== "canceled") span.mark("error", code);
}
