import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Ctx, afterDone, background, sleep, withTimeout } from "../../context/index.ts";
import { nodeOf } from "../../context/node.ts";
import { Failure } from "../../errors/index.ts";
import { serving } from "../../runtime/serving.ts";
import type { Handler } from "../handler.ts";
import { openAcceptQueue } from "./accept-queue.ts";
import { Engine, type ServerLog, shutdownFailure } from "./engine.ts";
import { Front } from "./front.ts";
import type { Limits } from "./limits.ts";
import type { RequestInFlight } from "./live.ts";
import { ParentLink } from "./parent-link.ts";
import { BACKLOG, closeNow, stopListening } from "./stop-listening.ts";
import type { TlsSource } from "./tls.ts";

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
  readonly #engine: Engine;
  readonly #front: Front;
  readonly #scheme: "http" | "https";
  #stop: (() => boolean) | undefined = undefined;
  #shutdown: Promise<ShutdownReport> | undefined = undefined;
  #address: AddressInfo | undefined = undefined;
  #parent: ParentLink | undefined = undefined;

  /** @internal use listen */
  constructor(ctx: Ctx, handler: Handler, limits: Limits, log: ServerLog, tls: TlsSource | undefined) {
    this.#engine = new Engine(nodeOf(ctx), handler, limits, log);
    this.#front = new Front(this.#engine, tls);
    this.#scheme = tls === undefined ? "http" : "https";
  }

  /** @internal use listen */
  async open(ctx: Ctx, address: Address | ParentLink | undefined): Promise<void> {
    if (address !== undefined) await this.#listen(ctx, address);
    this.#stop = afterDone(ctx, () => void this.shutdown(ctx));
  }

  /**
   * accept serves a connection that was not made over the network, as memoryPipe's of millrace/test. Only the limits on
   * how long a client takes to send a request are not kept on it.
   */
  accept(socket: Socket): void {
    if (this.#shutdown === undefined) this.#front.node.emit("connection", socket);
    else socket.destroy();
  }

  /** @internal take serves a request that another server has read: toNodeHandler's. */
  take(raw: IncomingMessage, res: ServerResponse): void {
    this.#front.node.emit("request", raw, res);
  }

  /** addr is where it listens, "127.0.0.1:8080", with the port that the system chose if it was 0; or "memory". */
  get addr(): string {
    if (this.#address === undefined) return "memory";
    const { address, port, family } = this.#address;
    return family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
  }

  get url(): string {
    return `${this.#scheme}://${this.addr}`;
  }

  /** inFlight is how many requests have not been answered or whose handlers have not ended. */
  get inFlight(): number {
    return this.#engine.live.size;
  }

  /** describe names the requests in flight, "GET /users/7 (/users/:id), 3.2s", for the report of a stop that waits. */
  describe(): string[] {
    return this.#engine.live.all().map((entry) => entry.describe());
  }

  /** requests lists what inFlight counts, oldest first. */
  requests(): RequestInFlight[] {
    return this.#engine.live
      .all()
      .map((entry) => entry.inFlight())
      .toReversed();
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

  /**
   * reloadTls reads certificate and key again, for new connections; those that are open stay. Throws "http/tls" if they
   * cannot be used; the last ones stay then.
   */
  reloadTls(): void {
    this.#front.reloadTls();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    using ctx = withTimeout(background, DISPOSE_MS);
    await this.shutdown(ctx);
  }

  async #listen(ctx: Ctx, at: Address | ParentLink): Promise<void> {
    const { node } = this.#front;
    const [name, options] =
      at instanceof ParentLink ? ["the parent's socket", { fd: at.fd }] : [`${at.host}:${at.port}`, at];
    try {
      await new Promise<void>((resolve, reject) => {
        node.once("error", reject);
        node.listen({ ...options, backlog: BACKLOG }, () => {
          node.off("error", reject);
          resolve();
        });
      });
    } catch (err) {
      this.#front.rest();
      throw new Failure(`http: listen on ${name}`, { code: "unavailable", reason: "http/listen", cause: err });
    }
    // A TCP server's address is an object.
    this.#address = node.address() as AddressInfo;
    serving.add(this.#engine.live);
    node.on("error", (err) => this.#engine.log.error(ctx, "http: the listening socket failed", { err }));
    if (!(at instanceof ParentLink)) return;
    this.#parent = at;
    at.ready(() => this.describe());
  }

  async #stopListening(ctx: Ctx): Promise<void> {
    const { node } = this.#front;
    if (!node.listening) return;
    if (this.#parent !== undefined && !(await this.#parent.isLast(ctx))) {
      closeNow(node);
    } else {
      using queue = openAcceptQueue(node);
      await stopListening(node, queue);
    }
    this.#parent?.closed();
  }

  async #drain(ctx: Ctx): Promise<ShutdownReport> {
    const engine = this.#engine;
    const front = this.#front;
    this.#stop?.();
    // In this order: whoever is told to close connects anew, and is then refused and not queued.
    await this.#stopListening(ctx);
    engine.draining = true;
    front.goAway();
    try {
      await this.#quiet(ctx);
    } catch {
      // ctx has ended; what follows is for that.
    }
    engine.over = shutdownFailure(ctx.cause);
    const left = engine.live.all();
    if (left.length > 0) this.#parent?.cut(this.describe());
    for (const entry of left) entry.stop(ctx.cause);
    if (left.length > 0 || !front.quiet) await this.#settled();
    front.destroy();
    engine.rest();
    serving.delete(engine.live);
    return { forced: left.length, unsettled: engine.live.size };
  }

  async #quiet(ctx: Ctx): Promise<void> {
    const engine = this.#engine;
    let seen = engine.activity;
    let since = performance.now();
    while (!this.#front.quiet || engine.live.size > 0) {
      await sleep(ctx, DRAIN_POLL_MS);
      const now = performance.now();
      if (engine.activity !== seen) {
        seen = engine.activity;
        since = now;
      } else if (now - since >= engine.limits.idleGraceMs) this.#front.closeIdle();
    }
  }

  async #settled(): Promise<void> {
    using grace = withTimeout(background, FORCE_GRACE_MS);
    const flushed = (): boolean => [...this.#front.conns].every((conn) => conn.socket.writableLength === 0);
    try {
      while (this.#engine.live.size > 0 || !flushed()) await sleep(grace, DRAIN_POLL_MS);
    } catch {
      // The grace is over.
    }
  }
}
