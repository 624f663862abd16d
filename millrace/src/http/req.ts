import type { Ctx } from "../context/index.ts";
import type { MultipartLimits, Part } from "./multipart.ts";
import type { Trace } from "../trace/w3c.ts";

/** PathParams are the values that a path gave to the parameters of its pattern. */
export type PathParams = Readonly<Record<string, string | undefined>>;

/**
 * Req is a request as a handler sees it. It is light: params, query, id, body and the native Request are made when they
 * are first read. It lives as long as its exchange; keep what you need of it, not the request.
 */
export interface Req<Params = PathParams> {
  readonly method: string;
  /** path is the path as it was sent, percent-encoded, without the query. */
  readonly path: string;
  /** search is the query with its "?", or "". */
  readonly search: string;
  readonly query: URLSearchParams;
  /** pattern is the route's pattern, "/users/:id"; "" before and without a match. It is what metrics are kept by. */
  readonly pattern: string;
  /** params are the decoded values of the pattern's parameters; a bad escape throws a 400 when they are first read. */
  readonly params: Params;
  /** remoteAddress is the peer's address: with a proxy in front, the proxy's. */
  readonly remoteAddress: string;
  /** clientIp is the client's address as the clientIp middleware knows it, else remoteAddress. */
  clientIp: string;
  /** requestId names the request in logs and problems: what the requestId middleware took over, else a new one. */
  requestId: string;
  /** trace is what the request is part of, as the traceContext middleware knows it. */
  trace: Trace | undefined;
  /** startedAt is when the headers had been read, on the clock of performance.now(). */
  readonly startedAt: number;

  /** headers are all request headers, names in lower case; only set-cookie is a list. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** header is a request header's value; the name is in lower case. Several are joined as RFC 9110 says. */
  header(name: string): string | undefined;

  /** bytes reads the whole body. It can be read once. A body over the limit throws a 413 "http/body_too_large". */
  bytes(): Promise<Uint8Array>;
  /** text reads the body as UTF-8. */
  text(): Promise<string>;
  /** json reads the body as JSON: another media type throws a 415, broken JSON a 400. */
  json(): Promise<unknown>;
  /** form reads the body as application/x-www-form-urlencoded, at most 1000 fields: another media type throws a 415. */
  form(): Promise<URLSearchParams>;
  /** multipart reads the body as multipart/form-data, part by part: another media type throws a 415, a broken body a 400. */
  multipart(limits?: MultipartLimits): AsyncIterable<Part>;
  /** chunks reads the body piece by piece, with backpressure and within the limit. */
  chunks(): AsyncIterable<Uint8Array>;
  /** web is the request as a native Request, whose signal is the exchange's. Its body is this body. */
  readonly web: Request;

  /** setHeader sets a header of the answer, whatever the answer will be; the Reply's own header of that name wins. */
  setHeader(name: string, value: string): void;
  /** setDeadline ends the request a number of milliseconds after its start, with 504; 0 takes the deadline away. */
  setDeadline(ms: number): void;
  /** setBodyLimit changes how many bytes of body are read at most. */
  setBodyLimit(bytes: number): void;
  /** onFinish calls a hook when the request has been answered or its client has gone. */
  onFinish(hook: FinishHook): void;
}

/** Outcome says how an exchange ended. */
export interface Outcome {
  /** status is what was answered; 499 if the client had gone before. */
  readonly status: number;
  /** durationMs is the time from the headers' arrival to the end of the answer. */
  readonly durationMs: number;
  /** endedAt is when that was, in Unix milliseconds. */
  readonly endedAt: number;
  /** sentBytes is the length of the answer's body. */
  readonly sentBytes: number;
}

/** FinishHook sees the end of an exchange. It must be quick; what it throws is logged. ctx is for its log lines. */
export type FinishHook = (ctx: Ctx, req: Req, outcome: Outcome) => void;
