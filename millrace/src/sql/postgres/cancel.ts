import net from "node:net";
import tls from "node:tls";

// How long the whole request may take, from dialling to the server's hanging up.
const CANCEL_MS = 3000;

/** CancelTarget names a running session of a server. @internal */
export interface CancelTarget {
  /** address is where the session's own socket leads: a host and port that was resolved, or a unix socket. */
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
  /** servername is the name that the server's certificate is checked against. */
  readonly servername: string;
  readonly ssl: boolean | tls.ConnectionOptions;
  /** direct says that TLS starts without asking the server first. */
  readonly direct: boolean;
  readonly processId: number;
  readonly secretKey: number;
}

/**
 * sendCancel sends a CancelRequest over a socket of its own and resolves when the server has hung up: by then the
 * signal has been sent, so it can strike no later statement.
 * Source: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 * @internal
 */
export function sendCancel(target: CancelTarget): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(target.address);
    let error: Error | undefined;
    let sent = false;
    const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${CANCEL_MS} ms`)), CANCEL_MS);
    const fail = (err: Error): void => {
      error ??= err;
      socket.destroy();
    };
    const send = (stream: net.Socket): void => {
      stream.write(cancelRequest(target), () => {
        sent = true;
      });
      // Whatever comes is dropped; without reading the end would not be seen.
      stream.resume();
    };
    socket.on("error", fail);
    socket.once("connect", () => {
      if (target.ssl === false) send(socket);
      else if (target.direct) secure(socket, target, send, fail);
      else askForTls(socket, target, send, fail);
    });
    socket.once("close", () => {
      clearTimeout(timer);
      if (error === undefined && sent) resolve();
      else reject(new Error(`sql: cancel request: ${error?.message ?? "the server hung up"}`, { cause: error }));
    });
  });
}

type Send = (stream: net.Socket) => void;
type Fail = (err: Error) => void;

function askForTls(socket: net.Socket, target: CancelTarget, send: Send, fail: Fail): void {
  socket.write(header(8, 80877103));
  socket.once("data", (answer) => {
    if (answer.toString() === "S") secure(socket, target, send, fail);
    else fail(new Error("the server does not support TLS"));
  });
}

function secure(socket: net.Socket, target: CancelTarget, send: Send, fail: Fail): void {
  const options: tls.ConnectionOptions = {
    ...(target.ssl === true ? {} : target.ssl),
    socket,
    host: target.servername,
  };
  // RFC 6066, section 3: no address as a server name.
  if (net.isIP(target.servername) === 0) options.servername = target.servername;
  if (target.direct) options.ALPNProtocols = ["postgresql"];
  const stream = tls.connect(options, () => send(stream));
  stream.on("error", fail);
}

// int32 length, int32 80877102, int32 process, int32 key
function cancelRequest(target: CancelTarget): Buffer {
  const tail = Buffer.alloc(8);
  tail.writeInt32BE(target.processId, 0);
  tail.writeInt32BE(target.secretKey, 4);
  return Buffer.concat([header(16, 80877102), tail]);
}

function header(length: number, code: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32BE(length, 0);
  bytes.writeInt32BE(code, 4);
  return bytes;
}
