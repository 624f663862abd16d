import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { json } from "node:stream/consumers";

/** Load is a bounded number of one request, sent over connections that stay open. */
export interface Load {
  /** path is requested with GET. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** connections are kept busy, each with one request at a time. */
  readonly connections: number;
  /** requests is the total, over all connections. */
  readonly requests: number;
  /** body is what every answer must hold, with status 200 and a content-length. */
  readonly body: string;
}

/** sendLoad sends the load from a process of its own and throws if one answer is wrong. */
export async function sendLoad(port: number, load: Load): Promise<void> {
  const argv = [import.meta.filename, String(port), JSON.stringify(load)];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  const [answered, [code]] = await Promise.all([json(child.stdout), once(child, "exit")]);
  if (code !== 0 || answered !== load.requests)
    throw new Error(`load: ${String(answered)} of ${load.requests} answered`);
}

/** requestBytes is the request as it is written to the socket. */
export function requestBytes(load: Load): Buffer {
  const headers = Object.entries({ host: "127.0.0.1", ...load.headers });
  const lines = [`GET ${load.path} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}

/**
 * answerLength proves one answer at the start of data and returns how many bytes it has, 0 when it is not complete yet.
 * The body is compared in full, the head by its status and content-length: other headers are the server's own affair.
 */
export function answerLength(data: Buffer, body: Buffer): number {
  const head = data.indexOf("\r\n\r\n");
  if (head === -1) return 0;
  const text = data.toString("latin1", 0, head);
  if (!text.startsWith("HTTP/1.1 200 ")) throw new Error(`load: status: ${text.slice(0, 40)}`);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1]);
  if (length !== body.length) throw new Error(`load: content-length ${length}, want ${body.length}`);
  const end = head + 4 + length;
  if (data.length < end) return 0;
  if (!data.subarray(head + 4, end).equals(body))
    throw new Error(`load: body: ${data.toString("utf8", head + 4, end)}`);
  return end;
}

/** runConnection sends requests one after the other until the shared count is used up. */
async function runConnection(socket: Socket, request: Buffer, body: Buffer, left: { count: number }): Promise<number> {
  let answered = 0;
  let data: Buffer = Buffer.alloc(0);
  if (left.count-- <= 0) return answered;
  socket.write(request);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    data = data.length === 0 ? chunk : Buffer.concat([data, chunk]);
    const length = answerLength(data, body);
    if (length === 0) continue;
    if (length !== data.length) throw new Error("load: more than one answer to one request");
    data = Buffer.alloc(0);
    answered++;
    if (left.count-- <= 0) break;
    socket.write(request);
  }
  return answered;
}

if (import.meta.main) {
  const [port, text] = process.argv.slice(2);
  const load: Load = JSON.parse(text!);
  const request = requestBytes(load);
  const body = Buffer.from(load.body);
  const left = { count: load.requests };
  const counts = await Promise.all(
    Array.from({ length: load.connections }, async () => {
      const socket = connect(Number(port), "127.0.0.1").setNoDelay(true);
      await once(socket, "connect");
      return runConnection(socket, request, body, left);
    }),
  );
  console.log(counts.reduce((sum, n) => sum + n, 0));
}
