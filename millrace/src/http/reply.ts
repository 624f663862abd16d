import { headerName, headerValue, isAppended } from "./header.ts";

/**
 * Body is what a Reply can carry. A stream is read with backpressure; it is canceled (ReadableStream), destroyed (a
 * Node stream) or returned (any other iterator) when the client has gone.
 */
export type Body = string | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string> | null;

/** ReplyOptions says what is not the usual. */
export interface ReplyOptions {
  /** status is the HTTP status. Default: 200. */
  readonly status?: number;
}

/** Reply is a handler's answer: a status, headers and a body. Build it with json, text, html, created, stream, … */
export class Reply {
  status: number;
  /** type is the content-type, "" for none. */
  type: string;
  body: Body;
  /** @internal names in lower case and values by turns; null until there are some */
  head: string[] | null = null;
  /** @internal how many bytes a stream will give, -1 if that is not known */
  length = -1;
  /** @internal what follows a stream when it has ended: names in lower case, checked as those of headers are */
  trailers: (() => Readonly<Record<string, string>>) | null = null;

  constructor(status: number, type: string, body: Body) {
    this.status = status;
    this.type = type;
    this.body = body;
  }

  /**
   * header sets a header and returns the reply. A second set-cookie, vary, link or www-authenticate is added; any other
   * replaces the first. Throws "http/bad_header" for what a header cannot hold and for the framing headers.
   */
  header(name: string, value: string): this {
    const key = headerName(name);
    headerValue(key, value);
    if (key === "content-type") this.type = value;
    else this.head = withHeader(this.head, key, value);
    return this;
  }
}

/** withHeader puts a checked header into a flat list, which is made when it is first needed. */
export function withHeader(head: string[] | null, name: string, value: string): string[] {
  if (head === null) return [name, value];
  for (let i = 0; i < head.length; i += 2) {
    if (head[i] === name && !isAppended(name)) {
      head[i + 1] = value;
      return head;
    }
  }
  head.push(name, value);
  return head;
}

/** json answers with a value as JSON. A value that JSON cannot hold (a bigint, a cycle) throws. */
export function json(value: unknown, options?: ReplyOptions): Reply {
  // A function or undefined has no JSON text; null is the nearest.
  return new Reply(options?.status ?? 200, "application/json", JSON.stringify(value) ?? "null");
}

/** text answers with plain text. */
export function text(value: string, options?: ReplyOptions): Reply {
  return new Reply(options?.status ?? 200, "text/plain; charset=utf-8", value);
}

/** created answers 201 with the new resource and where it lives. */
export function created(location: string, value: unknown): Reply {
  return json(value, { status: 201 }).header("location", locationOf(location));
}

/** noContent answers 204. */
export function noContent(): Reply {
  return new Reply(204, "", null);
}

/** redirect sends the client elsewhere: 302 by default; 303 after a form, 307 and 308 to keep method and body. */
export function redirect(location: string, status: 301 | 302 | 303 | 307 | 308 = 302): Reply {
  return new Reply(status, "", null).header("location", locationOf(location));
}

/** stream answers with a body that comes in pieces. type is the content-type. */
export function stream(
  body: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>,
  options?: ReplyOptions & { readonly type?: string },
): Reply {
  return new Reply(options?.status ?? 200, options?.type ?? "application/octet-stream", body);
}

// A URL is ASCII; whatever is not, and spaces and line ends with it, is percent-encoded.
function locationOf(location: string): string {
  return location.replaceAll(/[^\x21-\x7e]/gu, (c) => encodeURIComponent(c));
}
