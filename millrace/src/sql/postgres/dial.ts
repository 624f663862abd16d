import { once } from "node:events";
import net from "node:net";
import type { ConnectionOptions } from "node:tls";
import { type Ctx, afterDone } from "../../context/index.ts";
import { SqlFailure } from "../failure.ts";
import type { Server } from "./servers.ts";
import { type Tls, secure } from "./tls.ts";

/** Dialed is a stream to a server, ready for pg's first message, and how it was encrypted. @internal */
export interface Dialed {
  readonly stream: net.Socket;
  readonly ssl: false | ConnectionOptions;
}

// int32 length, int32 80877103
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * dial connects to a server and agrees on TLS with it; pg cannot ask for it and do without. When ctx ends, the socket is
 * destroyed and dial throws. A unix socket is never encrypted.
 * Source: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
 * @internal
 */
export async function dial(ctx: Ctx, server: Server, tls: Tls): Promise<Dialed> {
  const unix = server.host.startsWith("/");
  if (unix || tls.mode === "disable") return { stream: prepared(await open(ctx, server)), ssl: false };
  const options = await tls.options().catch((err: unknown) => {
    throw refused(server, tls, err);
  });
  const socket = await open(ctx, server);
  using _cut = afterDone(ctx, () => socket.destroy());
  try {
    if (!tls.direct && !(await serverHasTls(socket))) {
      if (tls.mode === "prefer") return { stream: prepared(socket), ssl: false };
      throw new Error("the server does not support TLS");
    }
    return { stream: prepared(await secure(socket, server.host, options)), ssl: options };
  } catch (err) {
    socket.destroy();
    ctx.throwIfDone();
    // As libpq: what it prefers cannot be had.
    if (tls.mode === "prefer") return { stream: prepared(await open(ctx, server)), ssl: false };
    throw refused(server, tls, err);
  }
}

async function open(ctx: Ctx, { host, port }: Server): Promise<net.Socket> {
  const socket = net.connect(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
  using _cut = afterDone(ctx, () => socket.destroy(ctx.err));
  try {
    await once(socket, "connect");
    return socket;
  } catch (err) {
    socket.destroy();
    throw err;
  }
}

async function serverHasTls(socket: net.Socket): Promise<boolean> {
  const ended = new AbortController();
  socket.once("close", () => ended.abort(new Error("the server hung up")));
  socket.write(SSL_REQUEST);
  let answer: Buffer;
  try {
    [answer] = (await once(socket, "data", { signal: ended.signal })) as [Buffer];
  } catch (err) {
    throw ended.signal.aborted ? ended.signal.reason : err;
  }
  // More than the one byte would have been put there by somebody between (CVE-2021-23222).
  if (answer.length !== 1) throw new Error("the server sent more than its answer about TLS");
  return answer[0] === 0x53;
}

// pg connects its stream and waits for that.
function prepared<S extends net.Socket>(stream: S): S {
  // Until pg listens.
  stream.on("error", () => undefined);
  stream.connect = () => {
    process.nextTick(() => stream.emit("connect"));
    return stream;
  };
  return stream;
}

function refused({ where }: Server, { mode }: Tls, err: unknown): SqlFailure {
  const why = err instanceof Error ? err.message : String(err);
  return new SqlFailure(`sql: connect to ${where}: TLS (sslmode=${mode}): ${why}`, {
    code: "unavailable",
    reason: "sql/tls_failed",
    retryable: false,
    cause: err,
  });
}
