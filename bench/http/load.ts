/**
 * A small load generator: keep-alive connections that each keep `depth` pipelined requests in flight, over node:net, so
 * that it costs far less CPU than the servers it measures. Bounded by a number of requests.
 *
 * Usage: node load.ts PORT REQUESTS [CONNECTIONS] [DEPTH]; prints one JSON object.
 */
import { type Socket, connect } from "node:net";

/** LoadOptions says how much is asked of a server. */
export interface LoadOptions {
  readonly port: number;
  readonly requests: number;
  readonly connections: number;
  /** depth is how many requests a connection keeps in flight; 1 is what most clients do. */
  readonly depth: number;
  /** headers are extra request header lines, each ended with CRLF. */
  readonly headers: string;
}

/** LoadResult is what came of it. */
export interface LoadResult {
  readonly requests: number;
  readonly failed: number;
  readonly seconds: number;
}

// The answer's own body; each answer carries it once, so that counting it counts answers.
const MARK = Buffer.from('{"id":"42","name":"John"}');

/** load sends the requests, counts the right answers and resolves when all have come. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const request = Buffer.from(`GET /users/42 HTTP/1.1\r\nhost: 127.0.0.1\r\n${options.headers}\r\n`, "latin1");
  const batch = Buffer.concat(Array.from({ length: options.depth }, () => request));
  const rounds = Math.ceil(options.requests / (options.connections * options.depth));
  const begin = performance.now();
  const counts = await Promise.all(
    Array.from({ length: options.connections }, () => runConnection(options.port, batch, options.depth, rounds)),
  );
  const answered = counts.reduce((sum, n) => sum + n, 0);
  const requests = rounds * options.depth * options.connections;
  return { requests, failed: requests - answered, seconds: (performance.now() - begin) / 1000 };
}

function runConnection(port: number, batch: Buffer, depth: number, rounds: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let answered = 0;
    let inRound = 0;
    let left = rounds;
    let rest: Buffer = Buffer.alloc(0);
    const next = (): void => {
      if (left-- === 0) socket.end();
      else socket.write(batch);
    };
    socket.on("connect", next);
    socket.on("error", reject);
    socket.on("close", () => resolve(answered));
    socket.on("data", (chunk: Buffer) => {
      const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      for (let found = data.indexOf(MARK); found >= 0; found = data.indexOf(MARK, at)) {
        at = found + MARK.length;
        answered++;
        if (++inRound === depth) {
          inRound = 0;
          next();
        }
      }
      rest = data.subarray(Math.max(at, data.length - MARK.length + 1));
    });
  });
}

if (import.meta.main) {
  const [port, requests, connections = "32", depth = "1"] = process.argv.slice(2);
  const headers = process.env["LOAD_HEADERS"]?.replaceAll("|", "\r\n") ?? "";
  console.log(
    JSON.stringify(
      await load({
        port: Number(port),
        requests: Number(requests),
        connections: Number(connections),
        depth: Number(depth),
        headers,
      }),
    ),
  );
}
