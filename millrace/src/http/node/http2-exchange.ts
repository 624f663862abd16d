import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { httpFailure } from "../failure.ts";
import type { Reply } from "../reply.ts";
import type { Engine } from "./engine.ts";
import type { Http2Conn, Streamed } from "./http2-conn.ts";
import { cancelBody, pump } from "./pump.ts";
import { headerLists, lengthOf } from "./reply-head.ts";
import { ServedExchange } from "./served-exchange.ts";

// RFC 9113 section 7.
const NO_ERROR = 0;
const INTERNAL_ERROR = 2;
const CANCEL = 8;

/** Http2Exchange is an exchange on a stream of HTTP/2. */
export class Http2Exchange extends ServedExchange implements Streamed {
  readonly stream: ServerHttp2Stream;
  readonly rawHeaders: readonly string[];

  readonly #http2: Http2Conn;

  #trailers: Readonly<Record<string, string>> = {};
  #unsent = 0;
  #unsentSince = 0;

  constructor(
    engine: Engine,
    http2: Http2Conn,
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
  ) {
    const expect = headers.expect?.toLowerCase() === "100-continue";
    // nghttp2 lets no request through without them.
    const [method, url] = [headers[":method"]!, headers[":path"] ?? ""];
    const own = withoutPseudo(headers);
    super(engine, { method, url, conn: http2.conn, source: stream, sink: stream, headers: own, mustContinue: expect });
    this.stream = stream;
    this.rawHeaders = rawHeaders.filter((_, i) => !rawHeaders[i - (i % 2)]!.startsWith(":"));
    this.#http2 = http2;
    http2.streams.add(this);
    http2.unsettled++;
    // Whatever ends the stream is seen on its close, and writableFinished is true there even after a reset: whether the
    // answer has been given is known by the exchange alone.
    stream.on("close", () => {
      http2.streams.delete(this);
      this.disconnected();
    });
  }

  get hasBody(): boolean {
    return !this.stream.endAfterHeaders;
  }

  trail(fields: Readonly<Record<string, string>>): void {
    this.#trailers = fields;
  }

  sendContinue(): void {
    if (!this.#gone) this.stream.additionalHeaders({ ":status": 100 });
  }

  /** sweep ends what the client does not send, or does not read, in time. */
  sweep(now: number): void {
    const { stream, engine } = this;
    const { requestTimeoutMs, stallTimeoutMs } = engine.limits;
    if (this.#gone) return;
    const late = requestTimeoutMs > 0 && now - this.startedAt >= requestTimeoutMs;
    if (late && this.hasBody && stream.state.remoteClose === 0)
      this.cut(httpFailure("request_timeout", "the body did not come"));
    const unsent = stream.writableLength;
    if (unsent === 0 || unsent !== this.#unsent) {
      this.#unsent = unsent;
      this.#unsentSince = now;
    } else if (stallTimeoutMs > 0 && now - this.#unsentSince >= stallTimeoutMs) stream.close(CANCEL);
  }

  protected send(reply: Reply): Promise<void> | null {
    const { stream, engine } = this;
    const { status, body } = reply;
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(`http: reply: ${status} is no status of an answer`);
    }
    const length = lengthOf(reply);
    const bodiless = status === 204 || status === 304 || this.method === "HEAD";
    const head: Record<string, string | string[] | number> = headerLists(this, reply);
    head[":status"] = status;
    if (reply.type !== "") head["content-type"] = reply.type;
    if (length >= 0 && status !== 204 && status !== 304) head["content-length"] = length;
    head["date"] = engine.dateLine.slice("date: ".length, -2);
    if (this.#gone) {
      cancelBody(body, this.err);
      return null;
    }
    const empty = bodiless || body === null || length === 0;
    const trails = reply.trailers !== null && !empty;
    stream.respond(head, { endStream: empty, waitForTrailers: trails });
    if (trails) stream.once("wantTrailers", () => stream.sendTrailers(this.#trailers));
    // The client is told to stop when it still sends what nobody reads: RFC 9113 section 8.1.
    if (this.hasBody) stream.once("finish", () => stream.resume().close(NO_ERROR));
    if (empty) {
      cancelBody(body, undefined);
      return null;
    }
    if (typeof body === "string" || body instanceof Uint8Array) {
      this.sentBytes = length;
      stream.end(body);
      return null;
    }
    return pump(this, body, reply);
  }

  protected breakOff(): void {
    this.stream.close(INTERNAL_ERROR);
  }

  protected left(): void {
    // The connection knows of the stream until it is closed.
  }

  protected override over(): void {
    this.#http2.unsettled--;
  }

  get #gone(): boolean {
    return this.stream.destroyed || this.stream.closed;
  }
}

function withoutPseudo(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const own: IncomingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) if (!name.startsWith(":")) own[name] = value;
  own.host ??= headers[":authority"];
  return own;
}
