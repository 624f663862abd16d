import type { ClientConfig } from "pg";
import type { Ctx } from "../../context/index.ts";
import { Secret } from "../../secret/index.ts";
import type { Conn, Driver } from "../driver.ts";
import { type Choice, connectAny } from "./connect-any.ts";
import { sendCancel } from "./cancel.ts";
import { type ClientOptions, type ServerSession, connectClient, connectLane } from "./connect-client.ts";
import { type Dialed, dial } from "./dial.ts";
import { Learner } from "./learner.ts";
import { PingLine } from "./ping.ts";
import { type Server, badUrl, oneOf, parseServers } from "./servers.ts";
import { SESSION_ATTRS, type SessionAttrs, checkAttrs, writes } from "./session-attrs.ts";
import { type TlsFiles, tlsOf } from "./tls.ts";
import type { TypeOptions } from "./type-options.ts";
import { Types } from "./types.ts";

// What one of several servers has to answer; one that is down silently must leave time for the next.
const SERVER_TIMEOUT_MS = 3000;

/** PostgresOptions says which server to use and how. */
export interface PostgresOptions {
  /**
   * url is postgres://user:password@host:port/database?sslmode=…; the parameters are libpq's and node-postgres'. A unix
   * socket is postgres://user@/database?host=/var/run/postgresql. Several hosts, `h1:5432,h2:5433`, are tried in order.
   */
  readonly url: string | Secret<string>;
  /** applicationName is how the connections are called in pg_stat_activity. Default: the url's application_name. */
  readonly applicationName?: string;
  /**
   * preparedStatements is how many statements each connection keeps prepared, by their text. Default 256; 0 for a
   * proxy that does not keep a session's prepared statements.
   */
  readonly preparedStatements?: number;
  /** hosts are the servers to try in order, "host:port", instead of the url's. */
  readonly hosts?: readonly string[];
  /**
   * targetSessionAttrs is which of the servers will do, also when one has changed its mind since. With "read-write" and
   * "primary" a connection whose server has become read-only is given up. Default: the url's target_session_attrs, "any".
   */
  readonly targetSessionAttrs?: SessionAttrs;
  /** loadBalanceHosts tries the hosts in an order of chance. Default: the url's load_balance_hosts=random, else false. */
  readonly loadBalanceHosts?: boolean;
  /**
   * serverTimeoutMs is how long one host may take to connect. Default: the url's connect_timeout, in seconds; else 3 seconds
   * with several hosts, and without an end of its own with one.
   */
  readonly serverTimeoutMs?: number;
  /** tls gives certificates that the url's sslrootcert, sslcert and sslkey would name as files. */
  readonly tls?: TlsFiles;
  /** types chooses how values come: decimals, Temporal, schemas of json columns. Default: as `postgres` says. */
  readonly types?: TypeOptions;
}

/**
 * postgres is the driver for PostgreSQL, over node-postgres' Client (the optional peer dependency `pg`).
 *
 * TLS is libpq's, by sslmode: without one it is `prefer`, which a server without TLS, or an attacker, can decline;
 * `verify-full` is what holds over a network that is not yours. A certificate that is refused is "sql/tls_failed".
 *
 * Values: int8 → bigint, numeric → exact string, timestamptz → Date (microseconds are cut off; infinity is the greatest
 * or least Date), date → "YYYY-MM-DD", json → parsed, bytea → Buffer, arrays → arrays, ranges → Range, composite types →
 * objects; timestamp, time, interval, uuid, enums and the rest → the server's text. Keys are camelCase. `types` chooses
 * otherwise; docs/reference/sql-types.md has the whole table.
 * Arguments: the same, and plain objects as JSON; json(value) sends anything as JSON, composite(value) as a composite type.
 */
export function postgres(options: PostgresOptions | string | Secret<string>): Driver {
  const given = typeof options === "string" || options instanceof Secret ? { url: options } : options;
  const url = given.url instanceof Secret ? given.url.reveal() : given.url;
  const { list: servers, parameters } = parseServers(url, given.hosts);
  const tls = tlsOf(parameters, given.tls);
  const choice = choiceOf(given, servers, parameters);
  // A dead peer is noticed by keep-alive; a query_timeout of pg's own would settle statements that still run.
  const config: ClientConfig = { keepAlive: true, keepAliveInitialDelayMillis: 30_000, ssl: false };
  if (given.applicationName !== undefined) config.application_name = given.applicationName;
  const types = new Types(given.types);
  const { preparedStatements } = given;
  const shared: ClientOptions = {
    types,
    writes: writes(choice.attrs),
    ...(preparedStatements === undefined ? {} : { preparedStatements }),
  };
  type Open<C> = (ctx: Ctx, config: ClientConfig, options: ClientOptions) => Promise<C>;
  const connectWith = <C>(ctx: Ctx, open: Open<C>): Promise<C> =>
    connectAny(ctx, choice, async (ctx, server, attrs) => {
      const dialed = await dial(ctx, server, tls);
      try {
        return await open(
          ctx,
          { ...config, connectionString: server.url, stream: () => dialed.stream },
          {
            ...shared,
            cancel: (session) => cancel(session, server, dialed, tls.direct),
            check: (conn, settings) => checkAttrs(attrs, conn, settings, server.where),
          },
        );
      } catch (err) {
        dialed.stream.destroy();
        throw err;
      }
    });
  const connect = (ctx: Ctx): Promise<Conn> => connectWith(ctx, connectClient);
  const learner = new Learner(types, connect);
  const pings = new PingLine(connect);
  return {
    name: "postgres",
    can: { cancel: true, advisoryLocks: true },
    connect,
    openLane: (ctx) => connectWith(ctx, (ctx, config, options) => connectLane(ctx, config, options, learner)),
    ping: (ctx) => pings.ping(ctx),
    close: () => pings.close(),
  };
}

function choiceOf(given: PostgresOptions, servers: readonly Server[], parameters: ReadonlyMap<string, string>): Choice {
  const attrs = given.targetSessionAttrs ?? parameters.get("target_session_attrs") ?? "any";
  const balance = oneOf("load_balance_hosts", parameters.get("load_balance_hosts") ?? "disable", ["disable", "random"]);
  const seconds = parameters.get("connect_timeout");
  const standard = servers.length === 1 ? Infinity : SERVER_TIMEOUT_MS;
  // libpq's 0 is no limit.
  const serverTimeoutMs =
    given.serverTimeoutMs ?? (seconds === undefined ? standard : Number(seconds) * 1000 || Infinity);
  if (!(serverTimeoutMs > 0)) throw badUrl("serverTimeoutMs and connect_timeout must be more than 0");
  return {
    servers,
    attrs: oneOf("target_session_attrs", attrs, SESSION_ATTRS),
    random: given.loadBalanceHosts ?? balance === "random",
    serverTimeoutMs,
  };
}

function cancel(session: ServerSession, server: Server, { stream, ssl }: Dialed, direct: boolean): Promise<void> {
  // To the very server of the session, where a name leads to several.
  const { remoteAddress, remotePort } = stream;
  const address = server.host.startsWith("/")
    ? { path: `${server.host}/.s.PGSQL.${server.port}` }
    : { host: remoteAddress ?? server.host, port: remotePort ?? server.port };
  const { processId, secretKey } = session;
  return sendCancel({ address, servername: server.host, ssl, direct, processId, secretKey });
}
