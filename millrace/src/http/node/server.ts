import type { IncomingMessage, Server as NodeServer, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Ctx, afterDone, background, sleep, withTimeout } from "../../context/index.ts";
import { nodeOf } from "../../context/node.ts";
import { Failure } from "../../errors/index.ts";
import type { Handler } from "../handler.ts";
import { openAcceptQueue } from "./accept-queue.ts";
import { answerClientError, refuse } from "./client-error.ts";
import { type Conn, attachConn, connOf } from "./conn.ts";
import { Engine, type ServerLog, shutdownFailure } from "./engine.ts";
import type { Limits } from "./limits.ts";
import { HeadCheck, expectationFailed } from "./head-check.ts";
import { Http1Exchange } from "./http1-exchange.ts";
import { http } from "./node-http.ts";
import { BACKLOG, stopListening } from "./stop-listening.ts";

const TICK_MS = 100;
// How often a drain looks.
const DRAIN_POLL_MS = 25;
// What canceled requests get to write their last answers and settle.
const FORCE_GRACE_MS = 500;
// How long `await using` lets requests finish.
const DISPOSE_MS = 10_000;

/** Address is where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** ShutdownReport says what a shutdown did not wait for. */
export interface ShutdownReport {
  /** forced is how many requests were in flight when the context ended; they were canceled and got a 503. */
  readonly forced: number;
  /** unsettled is how many of their handlers had still not ended when the server was gone. */
  readonly unsettled: number;
}

/** Server is a listening HTTP server; close it with shutdown or `await using`. */
export class Server implements AsyncDisposable {
  readonly #node: NodeServer;
  readonly #engine: Engine;
  readonly #headCheck: HeadCheck;
  readonly #conns: Set<Conn> = new Set();
  readonly #tick: NodeJS.Timeout;
  #stop: (() => boolean) | undefined = undefined;
  #shutdown: Promise<ShutdownReport> | undefined = undefined;
  #address: AddressInfo | undefined = undefined;

  /** @internal use listen */
  constructor(ctx: Ctx, handler: Handler, limits: Limits, log: ServerLog) {
    this.#engine = new Engine(nodeOf(ctx), handler, limits, log);
    this.#headCheck = new HeadCheck(limits.maxHeaders);
    this.#node = http.createServer({
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
      maxHeaderSize: limits.maxHeaderBytes,
      // HeadCheck looks at it, so that it is found among the others' reasons.
      requireHostHeader: false,
      // Idle connections are swept here; a timer set and cleared with every request costs 0.6 µs.
      keepAliveTimeout: 0,
      // A request without a body needs no stream that says so; another 0.7 µs.
      optimizeEmptyRequests: true,
    });
    // One more than may be, so that it shows: Node drops what is over.
    this.#node.maxHeadersCount = limits.maxHeaders + 1;
    if (limits.maxConnections > 0) this.#node.maxConnections = limits.maxConnections;
    this.#node.on("request", (raw, res) => this.#serve(raw, res, false));
    this.#node.on("checkContinue", (raw, res) => this.#serve(raw, res, true));
    this.#node.on("checkExpectation", (raw, res) => this.#serve(raw, res, false, expectationFailed()));
    this.#node.on("connect", (_raw, socket: Socket) =>
      connOf(socket).lastWords(false, () => refuse(connOf(socket), 501)),
    );
    this.#node.on("clientError", answerClientError);
    this.#node.on("connection", (socket) => this.#connected(socket));
    let ticks = 0;
    const sweepEvery = Math.max(1, Math.round(limits.checkIntervalMs / TICK_MS));
    this.#tick = setInterval(() => {
      this.#engine.tick();
      if (++ticks % sweepEvery === 0) this.#closeIdle(limits.keepAliveTimeoutMs);
    }, TICK_MS);
  }

  /** @internal use listen */
  async open(ctx: Ctx, address: Address | undefined): Promise<void> {
    if (address !== undefined) await this.#listen(ctx, address);
    this.#stop = afterDone(ctx, () => void this.shutdown(ctx));
  }

  /**
   * accept serves a connection that was not made over the network, as memoryPipe's of millrace/test. Only the limits on
   * how long a client takes to send a request are not kept on it.
   */
  accept(socket: Socket): void {
    if (this.#shutdown === undefined) this.#node.emit("connection", socket);
    else socket.destroy();
  }

  /** @internal take serves a request that another server has read: toNodeHandler's. */
  take(raw: IncomingMessage, res: ServerResponse): void {
    this.#node.emit("request", raw, res);
  }

  /** addr is where it listens, "127.0.0.1:8080", with the port that the system chose if it was 0; or "memory". */
  get addr(): string {
    if (this.#address === undefined) return "memory";
    const { address, port, family } = this.#address;
    return family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
  }

  get url(): string {
    return `http://${this.addr}`;
  }

  /** inFlight is how many requests have not been answered or whose handlers have not ended. */
  get inFlight(): number {
    return this.#engine.live.size;
  }

  /**
   * shutdown stops accepting connections and answers everything that has been accepted, each answer with
   * `connection: close`; then, when all has been quiet for a moment, it closes the idle connections. What is left when
   * ctx ends is canceled with ctx's cause and answered with 503, and the sockets are destroyed. It never rejects; further
   * calls share the first one's result.
   */
  shutdown(ctx: Ctx): Promise<ShutdownReport> {
    return (this.#shutdown ??= this.#drain(ctx));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    using ctx = withTimeout(background, DISPOSE_MS);
    await this.shutdown(ctx);
  }

  async #listen(ctx: Ctx, { host, port }: Address): Promise<void> {
    const node = this.#node;
    try {
      await new Promise<void>((resolve, reject) => {
        node.once("error", reject);
        node.listen({ host, port, backlog: BACKLOG }, () => {
          node.off("error", reject);
          resolve();
        });
      });
    } catch (err) {
      clearInterval(this.#tick);
      throw new Failure(`http: listen on ${host}:${port}`, { code: "unavailable", reason: "http/listen", cause: err });
    }
    // A TCP server's address is an object.
    this.#address = node.address() as AddressInfo;
    node.on("error", (err) => this.#engine.log.error(ctx, "http: the listening socket failed", { err }));
  }

  #connected(socket: Socket): void {
    const conn = attachConn(socket);
    this.#engine.activity++;
    this.#conns.add(conn);
    // The one listener of a connection; whatever waits on it hangs on its exchanges.
    socket.on("close", () => {
      this.#conns.delete(conn);
      conn.closed();
    });
  }

  #serve(raw: IncomingMessage, res: ServerResponse, mustContinue: boolean, refusal?: Failure): void {
    this.#engine.activity++;
    const conn = connOf(raw.socket);
    if (res.socket === null) conn.inTurn(res, () => this.#take(conn, raw, res, mustContinue, refusal));
    else this.#take(conn, raw, res, mustContinue, refusal);
  }

  #take(conn: Conn, raw: IncomingMessage, res: ServerResponse, mustContinue: boolean, refusal?: Failure): void {
    // What comes after `connection: close` was promised is not taken up; the client knows that it was not.
    if (conn.closing) return;
    const failure = this.#headCheck.check(raw) ?? refusal ?? this.#engine.over;
    const exchange = new Http1Exchange(this.#engine, conn, raw, res, mustContinue);
    if (failure === undefined) exchange.run();
    else exchange.refuse(failure);
  }

  #closeIdle(ms: number): void {
    const now = performance.now();
    for (const conn of this.#conns) if (conn.idleMs(now) >= ms && ms > 0) conn.socket.destroy();
  }

  async #drain(ctx: Ctx): Promise<ShutdownReport> {
    const engine = this.#engine;
    this.#stop?.();
    // In this order: whoever is told to close connects anew, and is then refused and not queued.
    if (this.#node.listening) {
      using queue = openAcceptQueue(this.#node);
      await stopListening(this.#node, queue);
    }
    engine.draining = true;
    try {
      await this.#quiet(ctx);
    } catch {
      // ctx has ended; what follows is for that.
    }
    const left = engine.live.all();
    engine.over = shutdownFailure(ctx.cause);
    for (const entry of left) entry.stop(ctx.cause);
    if (left.length > 0 || this.#conns.size > 0) await this.#settled();
    for (const conn of this.#conns) conn.socket.destroy();
    clearInterval(this.#tick);
    this.#node.closeAllConnections();
    // Ends Node's own checking of connections, too.
    this.#node.close();
    return { forced: left.length, unsettled: engine.live.size };
  }

  async #quiet(ctx: Ctx): Promise<void> {
    const engine = this.#engine;
    let seen = engine.activity;
    let since = performance.now();
    while (this.#conns.size > 0 || engine.live.size > 0) {
      await sleep(ctx, DRAIN_POLL_MS);
      const now = performance.now();
      if (engine.activity !== seen) {
        seen = engine.activity;
        since = now;
      } else if (now - since >= engine.limits.idleGraceMs) {
        for (const conn of this.#conns) if (!conn.busy && conn.socket.writableLength === 0) conn.socket.destroySoon();
      }
    }
  }

  async #settled(): Promise<void> {
    using grace = withTimeout(background, FORCE_GRACE_MS);
    const flushed = (): boolean => [...this.#conns].every((conn) => conn.socket.writableLength === 0);
    try {
      while (this.#engine.live.size > 0 || !flushed()) await sleep(grace, DRAIN_POLL_MS);
    } catch {
      // The grace is over.
    }
  }
}
