import { type Ctx, background, withTimeout, withoutCancel } from "../context/index.ts";
import { Router } from "../http/index.ts";
import { type RequestInFlight, type Server, listen } from "../http/node/index.ts";
import type { Log } from "../log/index.ts";
import { type Registry, exposition } from "../metrics/index.ts";
import { Reply } from "../http/index.ts";
import type { Secret } from "../secret/index.ts";
import { configRoutes } from "./config.ts";
import { checkAddress, guarded, notFromOtherPages } from "./guard.ts";
import { indexPage } from "./index-page.ts";
import { LogLevel } from "./log-level.ts";
import { profileRoutes } from "./profile-routes.ts";
import { taskRoutes } from "./tasks.ts";
import { varsRoute } from "./vars.ts";

/** AdminOptions say where the debug server listens, who may ask, and what it can tell beside the process itself. */
export interface AdminOptions {
  /**
   * addr is where it listens, never the application's port. One that other machines reach, as ":6060", needs a token.
   * @default "127.0.0.1:6060"
   */
  readonly addr?: string;
  /** token is what `Authorization: Bearer` must hold, at least 16 characters. Default: none is asked for. */
  readonly token?: Secret<string>;
  /**
   * hosts are the names, without a port, that a request's Host may have beside "localhost", loopback addresses and the
   * address that it listens on; with any other it is refused, because a page's name may lead here by DNS. Default: none.
   */
  readonly hosts?: readonly string[];
  /** log is whose level /debug/log shows and changes; it also gets this server's own errors. */
  readonly log?: Log;
  /** metrics is what /metrics writes. */
  readonly metrics?: Registry;
  /** config is what loadConfig returned; /debug/config shows it without its secrets. */
  readonly config?: object;
  /** vars are values that /debug/vars shows beside the process's own, read when somebody asks. */
  readonly vars?: Readonly<Record<string, () => unknown>>;
}

/** RequestLister is a server that can list the requests it is answering, as millrace/http/node's does. */
export interface RequestLister {
  requests(): readonly RequestInFlight[];
}

// Room for a profile, a scrape and a few people; nobody else has business here.
const MAX_CONNECTIONS = 64;
const BODY_LIMIT = 4096;
const DEADLINE_MS = 30_000;
const IDLE_GRACE_MS = 50;
// What is under way when it closes is not worth more: a profile may have two minutes to go.
const DISPOSE_MS = 500;

/**
 * openAdmin opens the debug server of a process: tasks, requests in flight, CPU and heap profiles, metrics, variables,
 * configuration and the log's level, for people and their tools. Open it first and own it, so that it closes last:
 *
 *     const admin = await app.own("admin", openAdmin(ctx, { log, metrics, config }));
 *
 * ctx is for the opening, and for its values: the server goes on after its end, since a process that stops is when one
 * wants to look. Until somebody asks it costs a listening socket. Throws "admin/token_required" for an address that other
 * machines reach without a token, and "http/listen" if the address cannot be had.
 * Source: Go's net/http/pprof and expvar.
 */
export async function openAdmin(ctx: Ctx, options: AdminOptions = {}): Promise<Admin> {
  const { addr = "127.0.0.1:6060", token, hosts = [], log } = options;
  ctx.throwIfDone();
  checkAddress(addr, token);
  const watched = new Map<string, RequestLister>();
  const level = log === undefined ? undefined : new LogLevel(log);
  const handler = guarded(routes(options, watched, level).handler(), { addr, token, hosts });
  const server = await listen(withoutCancel(ctx), {
    addr,
    handler,
    ...(log === undefined ? {} : { log }),
    maxConnections: MAX_CONNECTIONS,
    bodyLimit: BODY_LIMIT,
    requestDeadlineMs: DEADLINE_MS,
    idleGraceMs: IDLE_GRACE_MS,
  });
  // Who is profiling the process is worth knowing.
  watched.set("admin", server);
  return new Admin(server, watched, level);
}

/** Admin is an open debug server; dispose it, or give it to an app. */
export class Admin implements AsyncDisposable {
  readonly #server: Server;
  readonly #watched: Map<string, RequestLister>;
  readonly #level: LogLevel | undefined;

  /** @internal use openAdmin */
  constructor(server: Server, watched: Map<string, RequestLister>, level: LogLevel | undefined) {
    this.#server = server;
    this.#watched = watched;
    this.#level = level;
  }

  /** addr is where it listens, "127.0.0.1:6060", with the port that the system chose if it was 0. */
  get addr(): string {
    return this.#server.addr;
  }

  get url(): string {
    return this.#server.url;
  }

  /** watch has the requests that a server is answering listed in /debug/tasks, under a name. */
  watch(name: string, server: RequestLister): void {
    this.#watched.set(name, server);
  }

  /** shutdown stops listening, waits for what is under way until ctx ends, and puts a temporary log level back. */
  async shutdown(ctx: Ctx): Promise<void> {
    await this.#server.shutdown(ctx);
    this.#level?.restore();
  }

  /** Closes it: what is under way, a profile above all, is cut off after half a second. */
  async [Symbol.asyncDispose](): Promise<void> {
    using ctx = withTimeout(background, DISPOSE_MS);
    await this.shutdown(ctx);
  }
}

function routes(options: AdminOptions, watched: Map<string, RequestLister>, level: LogLevel | undefined): Router {
  const { metrics, config, vars = {} } = options;
  const router = new Router();
  router.get("/", () => indexPage(router.routes().map(({ pattern }) => pattern)));
  taskRoutes(router, watched);
  profileRoutes(router.with(notFromOtherPages));
  varsRoute(router, vars);
  if (metrics !== undefined) {
    router.get("/metrics", (_ctx, req) => {
      const { contentType, body } = exposition(metrics, req.header("accept"));
      return new Reply(200, contentType, body);
    });
  }
  if (config !== undefined) configRoutes(router, config);
  level?.routes(router);
  return router;
}
