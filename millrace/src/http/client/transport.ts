import type { Readable } from "node:stream";
import type { Pool } from "undici";
import { type Ctx, afterDone, withCancel } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import { clientFailure } from "./failure.ts";
import { Incoming } from "./incoming.ts";
import type { Outgoing } from "./outgoing.ts";

/** TransportOptions says how connections are made. */
export interface TransportOptions {
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly tls: ClientTls | undefined;
}

/** ClientTls is for upstreams with certificates of their own, and for those that ask for ours; all of it is PEM. */
export interface ClientTls {
  /** ca are the authorities that are believed. Default: those of Node. */
  readonly ca?: string;
  /** cert and key show who we are. */
  readonly cert?: string;
  readonly key?: string;
}

// How long a connection is used, so that a name that has moved is followed.
const CONNECTION_TTL_MS = 60_000;

type Undici = typeof import("undici");
let undici: Promise<Undici> | undefined;

/** Transport keeps the connections to one address. undici is loaded with the first request of the process. */
export class Transport {
  readonly #origin: string;
  readonly #servername: string | undefined;
  readonly #options: TransportOptions;
  // Errors of making a connection: their requests have not been sent.
  readonly #unsent: WeakSet<object> = new WeakSet();
  #pool: Pool | undefined = undefined;
  #closed = false;

  constructor(origin: string, servername: string | undefined, options: TransportOptions) {
    this.#origin = origin;
    this.#servername = servername;
    this.#options = options;
  }

  /**
   * send gives the answer when its head has come. ctx ends the request until then, and life until the end of the body.
   * Throws ctx's error or a Failure, "http/connect_failed" if the request was surely not sent.
   */
  async send(ctx: Ctx, life: Ctx, out: Outgoing, headers: Outgoing["headers"]): Promise<Incoming> {
    const pool = (this.#pool ??= this.#open(await (undici ??= import("undici"))));
    if (this.#closed) throw clientFailure("client_closed", "the client was closed");
    ctx.throwIfDone();
    const request = withCancel(life);
    using _ = afterDone(ctx, () => request.cancel(ctx.cause));
    try {
      const {
        statusCode,
        headers: got,
        body,
        trailers,
      } = await pool.request({
        method: out.method,
        path: out.path,
        // undici changes none of them, and takes whatever can be iterated.
        headers: headers as Record<string, string | string[]>,
        body: out.body as string | Uint8Array | Readable | null,
        signal: request.signal,
      });
      // It is dumped or iterated, both of which look at its error.
      body.on("error", () => undefined);
      body.once("close", () => request.cancel());
      const incoming = new Incoming(life, statusCode, got, body, trailers);
      if (isBodiless(out.method, incoming)) body.resume();
      return incoming;
    } catch (err) {
      const ended = ctx.err ?? life.err;
      request.cancel();
      throw ended ?? this.#failure(err);
    }
  }

  /** close ends all requests and connections. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool?.destroy(clientFailure("client_closed", "the client was closed"));
  }

  /** retire closes the connections when the requests on them have ended. */
  async retire(): Promise<void> {
    await this.#pool?.close();
  }

  #open({ Pool, buildConnector }: Undici): Pool {
    const { maxConnections, connectTimeoutMs, tls } = this.#options;
    const servername = this.#servername === undefined ? {} : { servername: this.#servername };
    const connect = buildConnector({ allowH2: false, timeout: connectTimeoutMs, ...tls, ...servername });
    return new Pool(this.#origin, {
      connections: maxConnections,
      pipelining: 1,
      // Contexts end what takes too long.
      headersTimeout: 0,
      bodyTimeout: 0,
      clientTtl: CONNECTION_TTL_MS,
      connect: (options, done) => {
        connect(options, (...result) => {
          if (result[0] !== null) this.#unsent.add(result[0]);
          done(...result);
        });
      },
    });
  }

  #failure(err: unknown): Failure {
    // What the body of the request has thrown.
    if (err instanceof Failure) return err;
    if (err instanceof Error) {
      const why = `${this.#origin}: ${err.message === "" ? String((err as NodeJS.ErrnoException).code) : err.message}`;
      const { code = "" } = err as NodeJS.ErrnoException;
      if (this.#unsent.has(err)) return clientFailure("connect_failed", why, err);
      if (/^UND_ERR_(?:INVALID_ARG|NOT_SUPPORTED|REQ_CONTENT_LENGTH_MISMATCH)$/.test(code)) {
        return clientFailure("bad_request", why, err);
      }
      if (/^(?:HPE_|UND_ERR_(?:HEADERS_OVERFLOW|RES_))/.test(code)) return clientFailure("bad_response", why, err);
    }
    return clientFailure("connection_lost", `${this.#origin}: ${String(err)}`, err);
  }
}

// Such an answer is over with its head, but nobody will read the end that sets its connection free.
function isBodiless(method: string, { status, headers }: Incoming): boolean {
  return method === "HEAD" || status === 204 || status === 304 || headers["content-length"] === "0";
}
