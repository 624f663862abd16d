import { type IncomingHttpHeaders, request } from "node:http";
import { background } from "../../context/index.ts";
import { type Admin, type AdminOptions, openAdmin } from "../index.ts";

/** Answer is what a server has answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  json(): Record<string, unknown>;
}

/** Asked is a request; its headers go out as they are, Host too, which fetch would not let through. */
export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Opened is a debug server of a test's own, and a client that calls it. */
export interface Opened extends AsyncDisposable {
  readonly admin: Admin;
  ask(path: string, asked?: Asked): Promise<Answer>;
}

/** open opens a debug server on a port that the system chooses. */
export async function open(options: AdminOptions = {}): Promise<Opened> {
  const admin = await openAdmin(background, { addr: "127.0.0.1:0", ...options });
  return {
    admin,
    ask: (path, asked) => ask(admin.addr.replace(/^.*:/, "127.0.0.1:"), path, asked),
    [Symbol.asyncDispose]: () => admin[Symbol.asyncDispose](),
  };
}

/** ask sends a request over a connection of its own and reads the whole answer. */
export async function ask(addr: string, path: string, asked: Asked = {}): Promise<Answer> {
  const { method = "GET", headers = {}, body, signal } = asked;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const type = sent === undefined ? {} : { "content-type": "application/json" };
  const { hostname: host, port } = new URL(`http://${addr}`);
  const options = { method, headers: { ...type, ...headers }, agent: false, ...(signal ? { signal } : {}) } as const;
  const req = request({ host, port, path, ...options }, (res) => {
    const chunks: Buffer[] = [];
    res.on("data", (chunk: Buffer) => chunks.push(chunk));
    res.once("error", reject);
    res.once("end", () => {
      const bytes = Buffer.concat(chunks);
      const text = String(bytes);
      const json = (): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
      // An answer has a status.
      resolve({ status: res.statusCode!, headers: res.headers, bytes, text, json });
    });
  });
  req.once("error", reject);
  req.end(sent);
  return await promise;
}
