import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { json } from "node:stream/consumers";
import { type Load, answerLength, requestBytes } from "./load.ts";

/** PacedLoad is a load at a steady rate, whatever the server's speed, so that one that stalls is not asked less. */
export interface PacedLoad extends Load {
  /** perMs is how many requests become due each millisecond. */
  readonly perMs: number;
}

/**
 * sendPaced sends the load from a process of its own and gives the time from when each request was due to its whole answer,
 * in ascending milliseconds. A request that finds all connections busy waits, and that counts. What is due is due on a
 * tick of a timer, so the timer's own lateness does not count. Throws if one answer is wrong.
 */
export async function sendPaced(port: number, load: PacedLoad): Promise<number[]> {
  const argv = [import.meta.filename, String(port), JSON.stringify(load)];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  const [printed, [code]] = await Promise.all([json(child.stdout), once(child, "exit")]);
  if (code !== 0 || !Array.isArray(printed) || printed.length !== load.requests)
    throw new Error(`pace: not all of ${load.requests} were answered`);
  return printed.map(Number);
}

/** quantile of ascending values: the least that is not below the share q of them. */
export function quantile(ascending: readonly number[], q: number): number {
  return ascending[Math.max(0, Math.ceil(q * ascending.length) - 1)] ?? Number.NaN;
}

if (import.meta.main) {
  const [port, text] = process.argv.slice(2);
  const load: PacedLoad = JSON.parse(text!);
  const request = requestBytes(load);
  const body = Buffer.from(load.body);
  const idle: Socket[] = [];
  const due: number[] = [];
  const taken: number[] = [];
  const send = (): void => {
    while (idle.length > 0 && due.length > 0) exchange(idle.pop()!, due.shift()!);
  };
  const exchange = (socket: Socket, at: number): void => {
    let data: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      data = data.length === 0 ? chunk : Buffer.concat([data, chunk]);
      const length = answerLength(data, body);
      if (length === 0) return;
      if (length !== data.length) throw new Error("pace: more than one answer to one request");
      socket.off("data", onData);
      taken.push(performance.now() - at);
      idle.push(socket);
      if (taken.length === load.requests) finish();
      else send();
    };
    socket.on("data", onData).write(request);
  };
  const finish = (): void => {
    const ascending = taken.map((ms) => Number(ms.toFixed(3))).toSorted((a, b) => a - b);
    process.stdout.write(JSON.stringify(ascending), () => process.exit(0));
  };
  for (let i = 0; i < load.connections; i++) {
    const socket = connect(Number(port), "127.0.0.1").setNoDelay(true);
    await once(socket, "connect");
    idle.push(socket.once("close", () => process.exit(1)));
  }
  // Counted by the clock: a timer that is late brings what has become due meanwhile.
  const began = performance.now();
  let asked = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    const until = Math.min(load.requests, Math.floor((now - began) * load.perMs));
    for (; asked < until; asked++) due.push(now);
    if (asked === load.requests) clearInterval(timer);
    send();
  }, 1);
}
