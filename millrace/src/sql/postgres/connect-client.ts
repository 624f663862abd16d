import net from "node:net";
import type { Duplex } from "node:stream";
import type { Client, ClientConfig } from "pg";
import { type Ctx, afterDone } from "../../context/index.ts";
import { wrap } from "../../errors/index.ts";
import type { Conn, LaneConn } from "../driver.ts";
import { PgConn } from "./conn.ts";
import { PgLaneConn } from "./lane-conn.ts";
import type { Learner } from "./learner.ts";
import { loadPg } from "./load.ts";
import { connectFailure } from "./server-error.ts";
import { type Settings, readOnlyBy } from "./session-attrs.ts";
import { Types } from "./types.ts";

const PREPARED_STATEMENTS = 256;

/** ClientOptions is what a connection over pg's Client takes beside pg's own configuration. */
export interface ClientOptions {
  /** preparedStatements is how many statements are kept prepared; 0 keeps none. Default 256. */
  readonly preparedStatements?: number;
  /** types is how values come; the connections of one database share it, and what it has learned. @internal */
  readonly types?: Types;
  /** check looks at a session before it is used, and at what the server reported of it; it may throw. @internal */
  readonly check?: (conn: Conn, settings: Settings) => Promise<void>;
  /** writes says that a session that turns out to be read-only is of no more use. @internal */
  readonly writes?: boolean;
  /** cancel sends the server a cancel request for a session and resolves when that is over. Without it nothing is sent. */
  readonly cancel?: (session: ServerSession) => Promise<void>;
}

/** ServerSession names a session of the server, for a cancel request. */
export interface ServerSession {
  readonly client: Client;
  readonly stream: Duplex;
  readonly processId: number;
  readonly secretKey: number;
}

interface Connected {
  readonly conn: PgConn;
  readonly client: Client;
}

/**
 * connectClient opens a Conn over pg's Client, as pg's configuration says; `config.stream` may bring another transport
 * than a socket. Throws SqlFailure ("sql/connect_failed", "sql/bad_credentials", …); when ctx ends first, its error.
 */
export async function connectClient(ctx: Ctx, config: ClientConfig, options: ClientOptions = {}): Promise<Conn> {
  return (await connectPg(ctx, config, options)).conn;
}

/** connectLane is connectClient for a connection that is pipelined. @internal */
export async function connectLane(
  ctx: Ctx,
  config: ClientConfig,
  options: ClientOptions,
  learner: Learner,
): Promise<LaneConn> {
  const { conn, client } = await connectPg(ctx, config, options);
  const lane = new PgLaneConn(conn, client, options.preparedStatements ?? PREPARED_STATEMENTS, learner);
  using _cut = afterDone(ctx, () => lane.destroy());
  try {
    // Whatever pg may have read and kept of a message that was not complete shows here.
    await new Promise((done, failed) => lane.send([{ text: "select 1", args: [], done, failed }]));
    return lane;
  } catch (err) {
    lane.destroy();
    if (ctx.err !== undefined) throw wrap(ctx.err, "sql: open a lane");
    throw err;
  }
}

async function connectPg(ctx: Ctx, config: ClientConfig, options: ClientOptions): Promise<Connected> {
  ctx.throwIfDone();
  // The transport is made here, so that it can be cut whatever state the client is in.
  const stream = config.stream?.() ?? new net.Socket();
  const pg = await loadPg();
  const client = new pg.Client({ ...config, stream: () => stream });
  const where = `${client.host}:${client.port}/${client.database ?? ""}`;
  const settings = new Map<string, string>();
  client.connection.on("parameterStatus", (status: { parameterName: string; parameterValue: string }) => {
    settings.set(status.parameterName, status.parameterValue);
  });
  const conn = new PgConn(client, {
    preparedStatements: options.preparedStatements ?? PREPARED_STATEMENTS,
    types: options.types ?? new Types(),
    demoted: (inTransaction) => options.writes === true && (readOnlyBy(settings) ?? !inTransaction),
    destroy: () => void stream.destroy(),
    cancel: async () => {
      // pg sets both from the server's BackendKeyData and does not declare them.
      const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
      await options.cancel?.({ client, stream, processId: processID, secretKey });
    },
  });
  using _cut = afterDone(ctx, () => stream.destroy());
  try {
    await client.connect();
    // The parsers read the styles that are the server's defaults.
    if (settings.get("DateStyle")?.startsWith("ISO") === false) await conn.script("set datestyle to iso");
    if ((settings.get("IntervalStyle") ?? "postgres") !== "postgres")
      await conn.script("set intervalstyle to postgres");
    await options.check?.(conn, settings);
    return { conn, client };
  } catch (err) {
    conn.destroy();
    if (ctx.err !== undefined) throw wrap(ctx.err, `sql: connect to ${where}`);
    throw connectFailure(err, where);
  }
}
