import { Agent } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { Ctx } from "../../context/index.ts";
import type { Handler, Router } from "../../http/index.ts";
import { type Limits, type Server, listen } from "../../http/node/index.ts";
// Not through the folder's index: that would load the whole kit for a pipe.
import { memoryPipe } from "../memory-pipe/memory-pipe.ts";
import { fetchOver } from "./fetch-over.ts";

/** ServeOptions are the server's limits, and whether it is a real one. */
export interface ServeOptions extends Partial<Limits> {
  /** network listens on 127.0.0.1, on a port that the system chooses. Default: false, connections are in memory. */
  readonly network?: boolean;
}

/** Logged is what the server has told its log. */
export interface Logged {
  readonly message: string;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** Served is a server of a test's own, and a client that calls it. */
export interface Served extends AsyncDisposable {
  readonly server: Server;
  /** url is where it is, "http://127.0.0.1:…" or "http://memory". */
  readonly url: string;
  /** logged is what it has reported: every 5xx, once. */
  readonly logged: readonly Logged[];
  /** fetch is the standard's, of a path; it follows no redirect, and decompresses nothing. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

/**
 * serve serves a handler to a test, with everything that a real server does and sees: HTTP's bytes, limits,
 * disconnects. In memory it works in `bubble`, in virtual time. Source: Go's net/http/httptest.
 *
 *     await using shop = await serve(background, router);
 *     const res = await shop.fetch("/users/1");
 */
export async function serve(ctx: Ctx, handler: Router | Handler, options: ServeOptions = {}): Promise<Served> {
  const { network = false, ...limits } = options;
  const logged: Logged[] = [];
  const server = await listen(ctx, {
    addr: network ? "127.0.0.1:0" : "memory",
    handler,
    log: { error: (_ctx, message, attrs = {}) => void logged.push({ message, attrs }) },
    // A test waits for no client that might still send something.
    idleGraceMs: 0,
    ...limits,
  });
  const agent = new PipeAgent(network ? () => connectTo(server) : () => pipeTo(server));
  const url = network ? server.url : "http://memory";
  return {
    server,
    url,
    logged,
    fetch: (path, init) => fetchOver(agent, url, path, init),
    async [Symbol.asyncDispose](): Promise<void> {
      agent.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** PipeAgent keeps connections that somebody else makes. */
class PipeAgent extends Agent {
  readonly #connect: () => Duplex;

  constructor(connect: () => Duplex) {
    super({ keepAlive: true });
    this.#connect = connect;
  }

  override createConnection(): Duplex {
    return this.#connect();
  }
}

function pipeTo(server: Server): Duplex {
  const { client, server: end } = memoryPipe();
  server.accept(end);
  return client;
}

function connectTo(server: Server): Duplex {
  const { hostname, port } = new URL(server.url);
  return connect({ host: hostname, port: Number(port) });
}
