import { Failure } from "../../errors/index.ts";
import type { WireExchange } from "./wire.ts";

/** webRequest is an exchange's request as a native Request; its body and its signal are the exchange's. */
export function webRequest(x: WireExchange): Request {
  const headers = new Headers();
  const raw = x.rawHeaders;
  // Names and values by turns.
  for (let i = 0; i < raw.length; i += 2) headers.append(raw[i]!, raw[i + 1]!);
  const url = `${x.conn.scheme}://${x.header("host") ?? "localhost"}${x.path}${x.search}`;
  const body = x.hasBody && x.method !== "GET" && x.method !== "HEAD" ? ReadableStream.from(x.chunks()) : null;
  // What the fetch standard asks of a body that is a stream.
  const streaming = body === null ? undefined : ({ duplex: "half" } as const);
  try {
    return new Request(url, { method: x.method, headers, signal: x.signal, body, ...streaming });
  } catch (cause) {
    // A host that makes no URL, a method that fetch does not know.
    const message = "http: the request cannot be a native Request";
    throw new Failure(message, { code: "invalid_argument", reason: "http/bad_request", cause });
  }
}
