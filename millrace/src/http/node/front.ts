import type { IncomingMessage, Server as NodeServer, ServerResponse } from "node:http";
import type { Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import { background } from "../../context/index.ts";
import type { Failure } from "../../errors/index.ts";
import { answerClientError, refuse } from "./client-error.ts";
import { type Conn, attachConn, connOf } from "./conn.ts";
import type { Engine } from "./engine.ts";
import { HeadCheck, expectationFailed } from "./head-check.ts";
import { Http1Exchange } from "./http1-exchange.ts";
import { Http2Front } from "./http2-front.ts";
import { http } from "./node-http.ts";
import { sniff } from "./sniff.ts";
import { Ticker } from "./ticker.ts";
import { type TlsSource, tlsFailure } from "./tls.ts";

// More often the timeouts are not looked at.
const MIN_SWEEP_MS = 100;

/**
 * Front is Node's server and the connections that came to it. It finds out which protocol each one speaks (by ALPN with
 * TLS, by its first bytes without), takes up requests, and closes what is idle, silent or stalled.
 */
export class Front {
  readonly node: NodeServer;
  readonly conns: Set<Conn> = new Set();
  readonly #engine: Engine;
  readonly #tls: TlsSource | undefined;
  readonly #check: HeadCheck;
  // Node's own listener for a connection of HTTP/1.1. It is called by hand, so that its server keeps its time limits.
  readonly #http1: Listener;
  // TLS connections in their handshake, by the client's address.
  readonly #shaking: Map<string, Socket> = new Map();
  #http2: Http2Front | undefined = undefined;
  #lookedAt = 0;
  readonly #sweeper: Ticker;

  constructor(engine: Engine, tls: TlsSource | undefined) {
    const { limits } = engine;
    this.#engine = engine;
    this.#tls = tls;
    const watches = tls !== undefined && tls.watchMs > 0;
    this.#sweeper = new Ticker(Math.max(MIN_SWEEP_MS, limits.checkIntervalMs), () => {
      this.#sweep(performance.now());
      return watches || this.conns.size > 0;
    });
    this.#check = new HeadCheck(limits);
    const options = {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
      maxHeaderSize: limits.maxHeaderBytes,
      // HeadCheck looks at it, so that it is answered in its turn.
      requireHostHeader: false,
      // Idle connections are swept here; a timer set and cleared with every request costs 0.6 µs.
      keepAliveTimeout: 0,
      // A request without a body needs no stream that says so; another 0.7 µs.
      optimizeEmptyRequests: true,
    };
    this.node =
      tls === undefined
        ? http.createServer(options)
        : tlsServer({ ...options, ...tls.read() }, limits.headersTimeoutMs);
    // One more than may be, so that it shows: Node drops what is over.
    this.node.maxHeadersCount = limits.maxHeaders + 1;
    if (limits.maxConnections > 0) this.node.maxConnections = limits.maxConnections;
    const secure = tls === undefined ? "connection" : "secureConnection";
    // There is one, Node's own.
    this.#http1 = this.node.listeners(secure)[0] as Listener;
    this.node.removeListener(secure, this.#http1);
    this.node.on(secure, (socket: Socket) => this.#connected(socket));
    if (tls !== undefined) this.#watchHandshakes();
    this.node.on("request", (raw, res) => this.#request(raw, res, false));
    this.node.on("checkContinue", (raw, res) => this.#request(raw, res, true));
    this.node.on("checkExpectation", (raw, res) => this.#request(raw, res, false, expectationFailed()));
    // This is no proxy.
    this.node.on("connect", ({ socket }) => connOf(socket).lastWords(false, () => refuse(connOf(socket), 501)));
    this.node.on("clientError", answerClientError);
    if (watches) this.#sweeper.wake();
  }

  get quiet(): boolean {
    return this.conns.size === 0 && this.#shaking.size === 0;
  }

  // Closes what has been idle, silent or stalled for too long, and looks whether the certificate has changed.
  #sweep(now: number): void {
    const { keepAliveTimeoutMs, headersTimeoutMs, stallTimeoutMs } = this.#engine.limits;
    for (const conn of this.conns) {
      const idleMs = conn.idleMs(now);
      conn.mux?.sweep(now);
      if (conn.sniffing && headersTimeoutMs > 0 && now - conn.openedAt >= headersTimeoutMs) refuse(conn, 408);
      else if (stallTimeoutMs > 0 && conn.stalledMs(now) >= stallTimeoutMs) conn.socket.destroy();
      else if (keepAliveTimeoutMs > 0 && idleMs >= keepAliveTimeoutMs) this.#closeIdle(conn);
    }
    const watchMs = this.#tls?.watchMs ?? 0;
    if (watchMs === 0 || now - this.#lookedAt < watchMs) return;
    this.#lookedAt = now;
    if (this.#tls?.changed() !== true) return;
    try {
      this.reloadTls();
    } catch (err) {
      this.#engine.log.error(background, "http: the certificate has changed and cannot be used; the last one stays", {
        err,
      });
    }
  }

  /** reloadTls gives new connections the certificate of this moment. Throws "http/tls", and keeps the last one. */
  reloadTls(): void {
    if (this.#tls === undefined) return;
    const context = this.#tls.read();
    try {
      // A front with TLS has made a TLS server.
      (this.node as TlsServer).setSecureContext(context);
    } catch (cause) {
      throw tlsFailure(cause);
    }
  }

  /** goAway tells the clients that speak HTTP/2 to send no more; the others read it in their answers. */
  goAway(): void {
    for (const conn of this.conns) conn.mux?.goAway();
  }

  /** closeIdle closes the connections on which nothing is being answered. */
  closeIdle(): void {
    for (const conn of this.conns) if (!conn.busy && conn.socket.writableLength === 0) conn.end();
    for (const socket of this.#shaking.values()) socket.destroy();
  }

  /** rest ends the sweeps of a front that has nothing, and will get nothing, to sweep. */
  rest(): void {
    this.#sweeper.rest();
  }

  /** destroy closes everything. */
  destroy(): void {
    this.rest();
    for (const conn of this.conns) conn.socket.destroy();
    for (const socket of this.#shaking.values()) socket.destroy();
    this.node.closeAllConnections();
    // Ends Node's own checking of connections, too.
    this.node.close();
  }

  #connected(socket: Socket): void {
    const conn = attachConn(socket);
    this.#engine.activity++;
    this.conns.add(conn);
    this.#sweeper.wake();
    this.#shaking.delete(keyOf(socket));
    // The one listener of a connection; whatever waits on it hangs on its exchanges.
    socket.on("close", () => {
      this.conns.delete(conn);
      conn.closed();
    });
    if (this.#tls !== undefined) {
      this.#speak(conn, "alpnProtocol" in socket && socket.alpnProtocol === "h2");
      return;
    }
    conn.sniffing = true;
    sniff(socket, (what) => {
      conn.sniffing = false;
      this.#speak(conn, what === "http2");
    });
  }

  #speak(conn: Conn, http2: boolean): void {
    if (http2) (this.#http2 ??= new Http2Front(this.#engine, this.#check)).serve(conn);
    else this.#http1.call(this.node, conn.socket);
  }

  #request(raw: IncomingMessage, res: ServerResponse, mustContinue: boolean, refusal?: Failure): void {
    this.#engine.activity++;
    const conn = connOf(raw.socket);
    if (res.socket === null) conn.inTurn(res, () => this.#take(conn, raw, res, mustContinue, refusal));
    else this.#take(conn, raw, res, mustContinue, refusal);
  }

  #take(conn: Conn, raw: IncomingMessage, res: ServerResponse, mustContinue: boolean, refusal?: Failure): void {
    // What comes after `connection: close` was promised is not taken up; the client knows that it was not.
    if (conn.closing) return;
    const failure = this.#check.check(raw) ?? refusal ?? this.#engine.over;
    const exchange = new Http1Exchange(this.#engine, conn, raw, res, mustContinue);
    if (failure === undefined) exchange.run();
    else exchange.refuse(failure);
  }

  // HTTP/2 tells its client with a GOAWAY that nothing was lost.
  #closeIdle(conn: Conn): void {
    if (conn.mux === null || conn.closing) conn.socket.destroy();
    else conn.end();
    conn.closing = true;
  }

  #watchHandshakes(): void {
    this.node.on("connection", (socket: Socket) => {
      const key = keyOf(socket);
      this.#engine.activity++;
      this.#shaking.set(key, socket);
      socket.on("close", () => {
        if (this.#shaking.get(key) === socket) this.#shaking.delete(key);
      });
    });
  }
}

type Listener = (this: NodeServer, socket: Socket) => void;

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function tlsServer(options: object, handshakeTimeout: number): NodeServer {
  const https = process.getBuiltinModule("node:https");
  let server: TlsServer;
  try {
    server = https.createServer({ ...options, handshakeTimeout, ALPNProtocols: ["h2", "http/1.1"] });
  } catch (cause) {
    throw tlsFailure(cause);
  }
  // Node's own would answer in plain HTTP.
  server.removeAllListeners("tlsClientError").on("tlsClientError", (_err, socket) => socket.destroy());
  return server;
}
