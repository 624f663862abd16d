import type { Http2Server, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Failure } from "../../errors/index.ts";
import type { Conn } from "./conn.ts";
import type { Engine } from "./engine.ts";
import type { HeadCheck } from "./head-check.ts";
import { Http2Conn } from "./http2-conn.ts";
import { Http2Exchange } from "./http2-exchange.ts";

// RFC 9113 section 7.
const REFUSED_STREAM = 7;
const ENHANCE_YOUR_CALM = 11;
// How many requests a connection may make over its limit before it is closed: a client that keeps to it makes none.
const MAX_REFUSED = 100;

/** Http2Front serves the connections that speak HTTP/2. */
export class Http2Front {
  readonly #server: Http2Server;
  readonly #engine: Engine;
  readonly #check: HeadCheck;
  #opening: Conn | undefined = undefined;

  constructor(engine: Engine, check: HeadCheck) {
    const { limits } = engine;
    this.#engine = engine;
    this.#check = check;
    // 25 ms and more to load, so only when somebody speaks it.
    this.#server = process.getBuiltinModule("node:http2").createServer({
      settings: {
        maxConcurrentStreams: limits.maxStreams,
        maxHeaderListSize: limits.maxHeaderBytes,
        enablePush: false,
      },
      // With the four pseudo-headers.
      maxHeaderListPairs: limits.maxHeaders + 4,
      // Entries of a SETTINGS frame, wrong frames, and streams that are refused or reset: each costs a client less than us.
      // A reset is a client's way to cancel, so there are some. nghttp2 bounds the acknowledgements that wait to be sent.
      maxSettings: 32,
      maxSessionInvalidFrames: 100,
      maxSessionRejectedStreams: 100,
      streamResetBurst: 1000,
      streamResetRate: 33,
      // Megabytes of one connection.
      maxSessionMemory: 10,
    });
    this.#server.on("session", (session) => this.#opened(session));
    this.#server.on("sessionError", ignore);
  }

  /** serve takes over a connection whose client speaks HTTP/2. */
  serve(conn: Conn): void {
    this.#opening = conn;
    // Node's HTTP/1.1 takes a client that has closed its half for one that still reads; nothing would end this one.
    conn.socket.allowHalfOpen = false;
    this.#server.emit("connection", conn.socket);
    this.#opening = undefined;
  }

  #opened(session: ServerHttp2Session): void {
    // Node makes the session in the very call that hands it the socket.
    const conn = this.#opening!;
    const own = new Http2Conn(conn, session);
    conn.mux = own;
    session.on("stream", (stream, headers, _flags, rawHeaders) => this.#stream(own, stream, headers, rawHeaders));
    if (this.#engine.draining) own.goAway();
  }

  #stream(
    conn: Http2Conn,
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
  ): void {
    const engine = this.#engine;
    engine.activity++;
    // What is reset has no listener else, and would end the process.
    stream.on("error", ignore);
    // A handler may outlive its stream when it does not look at its context.
    if (conn.unsettled >= engine.limits.maxStreams) {
      stream.close(REFUSED_STREAM);
      if (++conn.refused > MAX_REFUSED) conn.session.destroy(new Error("http: too many streams"), ENHANCE_YOUR_CALM);
      return;
    }
    const max = engine.limits.maxRequestsPerConnection;
    if (++conn.conn.requests >= max && max > 0) conn.end();
    const failure: Failure | undefined = this.#check.checkStream(headers, rawHeaders) ?? engine.over;
    const exchange = new Http2Exchange(engine, conn, stream, headers, rawHeaders);
    if (failure === undefined) exchange.run();
    else exchange.refuse(failure);
  }
}

const ignore = (): void => undefined;
