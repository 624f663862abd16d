import { type Agent, type IncomingMessage, request as nodeRequest } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** fetchOver is fetch over an agent's connections. */
export async function fetchOver(agent: Agent, base: string, path: string, init: RequestInit = {}): Promise<Response> {
  if (!path.startsWith("/"))
    throw new TypeError(`test: serve: fetch: a path begins with "/", not ${JSON.stringify(path)}`);
  init.signal?.throwIfAborted();
  // It knows what each kind of body is sent as.
  const { body, headers: implied, method } = new Request(base, { ...init, ...(init.body ? { duplex: "half" } : {}) });
  const headers = new Headers(init.headers);
  const type = implied.get("content-type");
  if (type !== null) headers.set("content-type", type);
  const streams = init.body instanceof ReadableStream;
  const bytes = body === null || streams ? undefined : Buffer.from(await new Response(body).arrayBuffer());
  if (bytes !== undefined) headers.set("content-length", String(bytes.length));
  headers.set("host", headers.get("host") ?? new URL(base).host);

  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const req = nodeRequest(base, { agent, path, method, headers: Object.fromEntries(headers) });
  req.once("response", resolve).on("error", reject);
  const { signal } = init;
  const abort = (): void => void req.destroy(signal?.reason as Error);
  signal?.addEventListener("abort", abort, { once: true });
  req.once("close", () => signal?.removeEventListener("abort", abort));
  if (body !== null && streams) pipeline(Readable.fromWeb(body as never), req).catch(reject);
  else req.end(bytes);
  return responseOf(method, await promise);
}

function responseOf(method: string, res: IncomingMessage): Response {
  const headers = new Headers();
  for (let i = 0; i < res.rawHeaders.length; i += 2) headers.append(res.rawHeaders[i]!, res.rawHeaders[i + 1]!);
  // An answer has a status.
  const status = res.statusCode!;
  const bodiless = method === "HEAD" || status === 204 || status === 205 || status === 304;
  if (bodiless) res.resume();
  // Node's types know two kinds of ReadableStream, which are one.
  const body = bodiless ? null : (Readable.toWeb(res) as unknown as ReadableStream<Uint8Array>);
  return new Response(body, { status, statusText: res.statusMessage ?? "", headers });
}
