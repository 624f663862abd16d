import { Failure } from "../../errors/index.ts";
import { httpFailure } from "../failure.ts";
import { headerValue, isFraming } from "../header.ts";
import { Reply } from "../reply.ts";
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

/** replyOf is a native Response as a Reply; its framing headers are left to the server. */
export function replyOf(response: unknown): Reply {
  if (!(response instanceof Response)) {
    throw httpFailure("no_reply", `the handler returned ${typeof response}, not a Reply or a Response`);
  }
  if (response.status < 200) throw httpFailure("no_reply", "the handler returned an error Response");
  const reply = new Reply(response.status, "", response.body);
  const head: string[] = [];
  // set-cookie comes once for each cookie.
  for (const [name, value] of response.headers) {
    if (name === "content-length" && response.body !== null) reply.length = Number(value);
    if (!isFraming(name)) head.push(name, headerValue(name, value));
  }
  if (head.length > 0) reply.head = head;
  return reply;
}
