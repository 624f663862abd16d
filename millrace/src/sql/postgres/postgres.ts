import net from "node:net";
import type { ClientConfig } from "pg";
import type { Ctx } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import { Secret } from "../../secret/index.ts";
import type { Conn, Driver } from "../driver.ts";
import { sendCancel } from "./cancel.ts";
import { type ServerSession, connectClient, connectLane } from "./connect-client.ts";
import { Learner } from "./learner.ts";
import { PingLine } from "./ping.ts";
import type { TypeOptions } from "./type-options.ts";
import { Types } from "./types.ts";

/** PostgresOptions says which server to use and how. */
export interface PostgresOptions {
  /**
   * url is postgres://user:password@host:port/database?sslmode=…; the parameters are node-postgres'. A unix socket is
   * postgres://user@/database?host=/var/run/postgresql.
   */
  readonly url: string | Secret<string>;
  /** applicationName is how the connections are called in pg_stat_activity. Default: the url's application_name. */
  readonly applicationName?: string;
  /**
   * preparedStatements is how many statements each connection keeps prepared, by their text. Default 256; 0 for a
   * proxy that does not keep a session's prepared statements.
   */
  readonly preparedStatements?: number;
  /** types chooses how values come: decimals, Temporal, schemas of json columns. Default: as `postgres` says. */
  readonly types?: TypeOptions;
}

/**
 * postgres is the driver for PostgreSQL, over node-postgres' Client (the optional peer dependency `pg`).
 *
 * Values: int8 → bigint, numeric → exact string, timestamptz → Date (microseconds are cut off; infinity is the greatest
 * or least Date), date → "YYYY-MM-DD", json → parsed, bytea → Buffer, arrays → arrays, ranges → Range, composite types →
 * objects; timestamp, time, interval, uuid, enums and the rest → the server's text. Keys are camelCase. `types` chooses
 * otherwise; docs/reference/sql-types.md has the whole table.
 * Arguments: the same, and plain objects as JSON; json(value) sends anything as JSON, composite(value) as a composite type.
 */
export function postgres(options: PostgresOptions | string | Secret<string>): Driver {
  const {
    url,
    applicationName,
    preparedStatements,
    types: chosen,
  } = typeof options === "string" || options instanceof Secret ? { url: options } : options;
  const connectionString = url instanceof Secret ? url.reveal() : url;
  if (!/^postgres(?:ql)?:\/\//.test(connectionString)) {
    throw new Failure("sql: postgres: the url must start with postgres:// or postgresql://", {
      code: "invalid_argument",
      reason: "sql/bad_url",
    });
  }
  // A dead peer is noticed by keep-alive; a query_timeout of pg's own would settle statements that still run.
  const config: ClientConfig = { connectionString, keepAlive: true, keepAliveInitialDelayMillis: 30_000 };
  if (applicationName !== undefined) config.application_name = applicationName;
  const types = new Types(chosen);
  const clientOptions = { cancel, types, ...(preparedStatements === undefined ? {} : { preparedStatements }) };
  const connect = (ctx: Ctx): Promise<Conn> => connectClient(ctx, config, clientOptions);
  const learner = new Learner(types, connect);
  const pings = new PingLine(connect);
  return {
    name: "postgres",
    can: { cancel: true, advisoryLocks: true },
    connect,
    openLane: (ctx) => connectLane(ctx, config, clientOptions, learner),
    ping: (ctx) => pings.ping(ctx),
    close: () => pings.close(),
  };
}

function cancel({ client, stream, processId, secretKey }: ServerSession): Promise<void> {
  // To the very server of the session, where a name leads to several.
  const { remoteAddress, remotePort } = stream as net.Socket;
  const address = client.host.startsWith("/")
    ? { path: `${client.host}/.s.PGSQL.${client.port}` }
    : { host: remoteAddress ?? client.host, port: remotePort ?? client.port };
  // pg declares neither what ssl can hold nor this field.
  const { ssl, sslNegotiation } = client as unknown as { ssl: boolean | object; sslNegotiation: string };
  return sendCancel({
    address,
    servername: client.host,
    ssl,
    direct: sslNegotiation === "direct",
    processId,
    secretKey,
  });
}
