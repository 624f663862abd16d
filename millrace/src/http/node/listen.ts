import type { Ctx } from "../../context/index.ts";
import type { Handler } from "../handler.ts";
import { Router } from "../router.ts";
import type { ServerLog } from "./engine.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { ParentLink } from "./parent-link.ts";
import { type Address, Server } from "./server.ts";
import { type TlsOptions, TlsSource } from "./tls.ts";

/** ListenOptions says where to listen and what to serve. */
export interface ListenOptions extends Partial<Limits> {
  /**
   * addr is "host:port", "[::1]:port" or ":port" for all interfaces; port 0 lets the system choose. At "memory" the server
   * listens nowhere and has the connections that its accept is given: for tests. At "parent" it takes over the socket of
   * the process that has started this one: see openCluster.
   */
  readonly addr: string;
  readonly handler: Router | Handler;
  /** tls makes it an HTTPS server. HTTP/2 is spoken with whoever asks for it: by ALPN, or at once on a plain port. */
  readonly tls?: TlsOptions;
  /** log gets every 5xx once, with its cause. Default: the process's stderr. */
  readonly log?: ServerLog;
}

/**
 * listen opens a server for HTTP/1.1 and HTTP/2 and resolves when it accepts connections. Each request's context has the
 * values of ctx; when ctx ends, the server is shut down at once. Throws "http/listen" if the address cannot be had, and
 * "http/tls" for a certificate that cannot be used.
 */
export async function listen(ctx: Ctx, options: ListenOptions): Promise<Server> {
  const { addr, handler, tls, log = stderrLog, ...limits } = options;
  ctx.throwIfDone();
  const address = addr === "memory" ? undefined : addr === "parent" ? ParentLink.open() : parseAddr(addr);
  const compiled = handler instanceof Router ? handler.handler() : handler;
  const server = new Server(ctx, compiled, limitsOf(limits), log, tls === undefined ? undefined : new TlsSource(tls));
  await server.open(ctx, address);
  return server;
}

/** stderrLog is where reports go when nobody says otherwise. */
export const stderrLog: ServerLog = {
  error: (_ctx, message, attrs) => console.error(message, attrs),
};

/** parseAddr takes an address apart; without a host it is all interfaces. */
export function parseAddr(addr: string): Address {
  const [, v6, name, digits] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(addr) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new TypeError(`http: listen: addr must be "host:port", not ${JSON.stringify(addr)}`);
  }
  return { host: v6 ?? (name || "::"), port };
}
