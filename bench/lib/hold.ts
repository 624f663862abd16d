import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { type Load, answerLength, requestBytes } from "./load.ts";

/** AT_ONCE bounds how many connections are being opened: below every listen backlog. */
const AT_ONCE = 100;

/**
 * holdConnections opens connections from a process of its own, sends one request over each, and calls fn while all of
 * them are idle.
 */
export async function holdConnections<T>(port: number, load: Load, fn: () => Promise<T>): Promise<T> {
  const argv = [import.meta.filename, String(port), JSON.stringify(load)];
  const child = spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "inherit"] });
  const exit = once(child, "exit");
  try {
    const held = await Promise.race([once(child.stdout, "data"), exit.then(() => undefined)]);
    if (held === undefined) throw new Error(`hold: ${load.connections} connections could not be held`);
    return await fn();
  } finally {
    child.stdin.end();
    await exit;
  }
}

async function open(port: number, request: Buffer, body: Buffer): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(request);
  const [data] = (await once(socket, "data")) as [Buffer];
  if (answerLength(data, body) !== data.length) throw new Error("hold: not one whole answer");
  // A connection that the server closes is not idle: the measurement would be of something else.
  return socket.once("close", () => process.exit(1));
}

if (import.meta.main) {
  const [port, text] = process.argv.slice(2);
  const load: Load = JSON.parse(text!);
  const request = requestBytes(load);
  const body = Buffer.from(load.body);
  for (let left = load.connections; left > 0; left -= AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, () => open(Number(port), request, body)));
  }
  console.log("held");
  process.stdin.resume().once("end", () => process.exit(0));
}
