import { headerName, headerValue } from "../header.ts";
import { clientFailure } from "./failure.ts";

/** RequestBody is what a request can carry; only text and bytes can be sent again. */
export type RequestBody = string | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>;

/** FetchInit says what is asked for. */
export interface FetchInit {
  /** method is the HTTP method. Default: "GET". */
  readonly method?: string;
  /** headers are sent with the request; those of the transport (connection, content-length, …) are refused. */
  readonly headers?: Readonly<Record<string, string>>;
  /** query is added to the path; a list stands several times, undefined not at all. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  /** json is sent as JSON; not together with body. */
  readonly json?: unknown;
  /** body is sent as it is. */
  readonly body?: RequestBody;
  /**
   * idempotencyKey makes a request that is not idempotent safe to repeat: it is sent as Idempotency-Key, and the upstream
   * must honour it.
   */
  readonly idempotencyKey?: string;
}

/** Outgoing is a request that is ready to be sent. */
export interface Outgoing {
  readonly method: string;
  /** path begins with "/" and includes the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: RequestBody | null;
  /** safe says whether it may take effect twice. */
  readonly safe: boolean;
  /** replayable says whether its body can be sent twice. */
  readonly replayable: boolean;
}

// Source: RFC 9110 section 9.2.2.
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** isIdempotent says whether a method may be repeated. */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/** isReplayable says whether a body can be sent twice. */
export function isReplayable(body: RequestBody | null): boolean {
  return body === null || typeof body === "string" || body instanceof Uint8Array;
}

/** outgoingOf makes a request of what a caller asks for; a path that is none, or a bad header, throws. */
export function outgoingOf(
  prefix: string,
  path: string,
  init: FetchInit,
  defaults: Readonly<Record<string, string>>,
): Outgoing {
  if (!path.startsWith("/")) throw clientFailure("bad_request", `a path begins with "/": ${JSON.stringify(path)}`);
  const method = (init.method ?? "GET").toUpperCase();
  const headers: Record<string, string> = { ...defaults };
  for (const [name, value] of Object.entries(init.headers ?? {})) {
    const key = headerName(name);
    headers[key] = headerValue(key, value);
  }
  let body = init.body ?? null;
  if (init.json !== undefined) {
    body = JSON.stringify(init.json);
    headers["content-type"] ??= "application/json";
  }
  if (init.idempotencyKey !== undefined)
    headers["idempotency-key"] = headerValue("idempotency-key", init.idempotencyKey);
  return {
    method,
    path: prefix + withQuery(path, init.query ?? {}),
    headers,
    body,
    safe: isIdempotent(method) || headers["idempotency-key"] !== undefined,
    replayable: isReplayable(body),
  };
}

function withQuery(path: string, query: NonNullable<FetchInit["query"]>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (typeof value === "object") for (const each of value) params.append(name, each);
    else if (value !== undefined) params.append(name, String(value));
  }
  if (params.size === 0) return path;
  return `${path}${path.includes("?") ? "&" : "?"}${params.toString()}`;
}
