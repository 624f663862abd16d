import { COMPUTED, CancelNode, type CtxNode } from "../context/node.ts";
// Not through the folder's index: that would load the logger into every program that serves HTTP.
import { logAttrs } from "../log/attrs.ts";
import { activeSpan, spanIn } from "../trace/active.ts";
import { httpFailure } from "./failure.ts";
import { readForm } from "./form.ts";
import { headerName, headerValue } from "./header.ts";
import { type MultipartLimits, type Part, readMultipart } from "./multipart.ts";
import { withHeader } from "./reply.ts";
import type { FinishHook, Outcome, PathParams, Req } from "./req.ts";
import { requestKey } from "./request-key.ts";
import { type Trace, traceparentOf } from "../trace/w3c.ts";
import { traceparent, tracestate } from "../trace/traceparent.ts";
import { type Merged, NO_TRAITS } from "./traits.ts";

// Deadlines from here on are kept by the engine's sweep; a shorter one gets a timer of its own.
const SWEPT_FROM_MS = 1000;

/**
 * Exchange is one request and its answer. It is at once the handler's context and its request, so that a request costs
 * one object; the engine's adapter derives from it and knows the wire.
 */
export abstract class Exchange extends CancelNode implements Req, Outcome {
  readonly method: string;
  readonly path: string;
  readonly search: string;
  readonly startedAt: number;
  pattern = "";
  status = 0;
  endedAt = 0;
  durationMs = 0;
  sentBytes = 0;
  /** traits are those of the matched route. */
  traits: Merged = NO_TRAITS;
  /** head are the headers set ahead of the answer, names and values by turns. */
  head: string[] | null = null;
  hooks: FinishHook[] | null = null;
  bodyLimit: number;
  trace: Trace | undefined = undefined;

  #rawParams: Readonly<Record<string, string>> | undefined = undefined;
  #params: PathParams | undefined = undefined;
  #query: URLSearchParams | undefined = undefined;
  #requestId = "";
  #clientIp = "";
  #web: Request | undefined = undefined;

  constructor(up: CtxNode, method: string, url: string, startedAt: number, bodyLimit: number) {
    super(up);
    this.method = method;
    this.startedAt = startedAt;
    this.bodyLimit = bodyLimit;
    const target = url.charCodeAt(0) === 47 /* "/" */ ? url : originForm(url);
    const mark = target.indexOf("?");
    if (mark < 0) {
      this.path = target;
      this.search = "";
    } else {
      this.path = target.slice(0, mark);
      this.search = target.slice(mark);
    }
  }

  static {
    Object.defineProperty(this.prototype, "key", { value: COMPUTED });
  }

  abstract readonly remoteAddress: string;
  abstract readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  abstract header(name: string): string | undefined;
  abstract bytes(): Promise<Uint8Array>;
  abstract chunks(): AsyncIterable<Uint8Array>;
  protected abstract newRequestId(): string;
  protected abstract newWebRequest(): Request;
  /** unixTime is startedAt as Unix milliseconds. */
  protected abstract unixStart(): number;
  /** expired is called when the deadline has passed. */
  protected abstract expired(): void;

  /** enter is called by the router with what has matched. */
  enter(pattern: string, traits: Merged, params: Readonly<Record<string, string>> | undefined): void {
    this.pattern = pattern;
    this.traits = traits;
    this.#rawParams = params;
    if (traits.deadlineMs >= 0) this.setDeadline(traits.deadlineMs);
    if (traits.bodyLimit >= 0) this.bodyLimit = traits.bodyLimit;
  }

  get params(): PathParams {
    return (this.#params ??= decodeParams(this.#rawParams));
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.search));
  }

  get requestId(): string {
    if (this.#requestId === "") this.#requestId = this.newRequestId();
    return this.#requestId;
  }

  set requestId(id: string) {
    this.#requestId = id;
  }

  get clientIp(): string {
    return this.#clientIp === "" ? this.remoteAddress : this.#clientIp;
  }

  set clientIp(ip: string) {
    this.#clientIp = ip;
  }

  get web(): Request {
    return (this.#web ??= this.newWebRequest());
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async json(): Promise<unknown> {
    if (!isJson(this.header("content-type"))) throw httpFailure("unsupported_media_type", "the body is not JSON");
    const body = await this.text();
    try {
      return JSON.parse(body) as unknown;
    } catch (err) {
      throw httpFailure("bad_json", "the body is not JSON", err);
    }
  }

  form(): Promise<URLSearchParams> {
    return readForm(this);
  }

  multipart(limits?: MultipartLimits): AsyncIterable<Part> {
    return readMultipart(this, limits);
  }

  setHeader(name: string, value: string): void {
    const key = headerName(name);
    this.head = withHeader(this.head, key, headerValue(key, value));
  }

  setDeadline(ms: number): void {
    if (this.ended !== null) return;
    if (ms === 0) {
      this.deadlineAt = Infinity;
      return;
    }
    this.deadlineAt = Infinity;
    const at = this.unixStart() + ms;
    if (ms >= SWEPT_FROM_MS) this.deadlineAt = at;
    else this.expireAt(at, undefined);
  }

  setBodyLimit(bytes: number): void {
    this.bodyLimit = bytes;
  }

  onFinish(hook: FinishHook): void {
    (this.hooks ??= []).push(hook);
  }

  override expire(cause?: unknown): void {
    // A timer of a deadline that was taken away or put off comes too early.
    if (this.ended !== null || this.deadlineAt === Infinity) return;
    super.expire(cause);
    this.expired();
  }

  override label(): string {
    return this.pattern === "" ? "request" : `request(${this.method} ${this.pattern})`;
  }

  override computed(key: unknown): unknown {
    // The attributes of a line, to which the request adds its id and its trace's.
    if (key === logAttrs) return { ...this.up?.get(logAttrs), request_id: this.requestId, ...this.#traceAttrs() };
    if (key === requestKey) return this;
    if (this.trace === undefined) return undefined;
    if (key === activeSpan) return spanIn(this.trace);
    if (key === traceparent) return traceparentOf(this.trace);
    return key === tracestate && this.trace.state !== "" ? this.trace.state : undefined;
  }

  #traceAttrs(): object | undefined {
    if (this.trace === undefined) return undefined;
    const { traceId, spanId } = this.trace;
    // Nobody can look up a span that is not recorded.
    return spanIn(this.trace)?.recording === true ? { trace_id: traceId, span_id: spanId } : { trace_id: traceId };
  }
}

/** isJson says whether a content-type is JSON: application/json or any …+json. */
export function isJson(type: string | undefined): boolean {
  return type !== undefined && /^application\/(?:json|[\w.!#$&^-]+\+json)\s*(?:;|$)/i.test(type);
}

// RFC 9112 section 3.2.2: a server must accept the absolute form too. "*" (OPTIONS) stays as it is.
function originForm(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return parsed === undefined ? url : parsed.pathname + parsed.search;
}

function decodeParams(raw: Readonly<Record<string, string>> | undefined): PathParams {
  if (raw === undefined) return {};
  let decoded: Record<string, string> | undefined;
  for (const name in raw) {
    const value = raw[name];
    if (value === undefined || !value.includes("%")) continue;
    decoded ??= { ...raw };
    try {
      decoded[name] = decodeURIComponent(value);
    } catch (err) {
      throw httpFailure("bad_path_escape", `the path parameter ${name} has a broken escape`, err);
    }
  }
  return decoded ?? raw;
}
