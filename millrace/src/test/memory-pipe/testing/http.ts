import http from "node:http";
import type { Socket } from "node:net";
import { memoryPipe } from "../memory-pipe.ts";

/** Answer is what a server said. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** Caller calls a server in memory. */
export interface Caller extends Disposable {
  /** connections is how many were made. */
  readonly connections: number;
  request(path: string, options?: { method?: string; body?: string[]; signal?: AbortSignal }): Promise<Answer>;
}

/** to is what node:http needs to accept. */
export function to(server: http.Server): (socket: Socket) => void {
  return (socket) => void server.emit("connection", socket);
}

/** callerOf connects a real client to whoever accepts. */
export function callerOf(accept: (socket: Socket) => void): Caller {
  let connections = 0;
  const agent = new http.Agent({ keepAlive: true });
  agent.createConnection = () => {
    connections++;
    const pipe = memoryPipe({ clientAddr: `10.0.0.1:${40_000 + connections}` });
    accept(pipe.server);
    return pipe.client;
  };
  return {
    get connections() {
      return connections;
    },
    request(path, { method = "GET", body = [], signal } = {}) {
      return new Promise((resolve, reject) => {
        const options = { agent, path, method, ...(signal !== undefined && { signal }) };
        const req = http.request(options, (res) => {
          let text = "";
          res.setEncoding("utf8");
          res.on("data", (chunk: string) => (text += chunk));
          res.on("end", () => resolve({ status: res.statusCode ?? 0, headers: res.headers, text }));
          res.on("error", reject);
        });
        req.on("error", reject);
        for (const chunk of body) req.write(chunk);
        req.end();
      });
    },
    [Symbol.dispose]() {
      agent.destroy();
    },
  };
}
