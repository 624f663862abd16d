import { lookup } from "node:dns/promises";
import type { Ctx } from "../../context/index.ts";
import { orDone } from "../../context/or-done.ts";

/** Target is where an upstream is: its origin, or the origin of an address and the name it goes by there. */
export type Target = string | { readonly url: string; readonly host: string };

/** Resolver finds the upstreams of a client. It is asked again from time to time. */
export type Resolver = (ctx: Ctx) => readonly Target[] | Promise<readonly Target[]>;

/**
 * dnsResolver finds all addresses of the host name in an origin, "http://api.internal:8080": each is an upstream, called
 * by that name. It asks the system, and so honours /etc/hosts.
 */
export function dnsResolver(origin: string): Resolver {
  const url = new URL(origin);
  return async (ctx) => {
    const found = await orDone(ctx, lookup(url.hostname, { all: true }));
    return found.map(({ address, family }) => {
      const at = new URL(url);
      at.hostname = family === 6 ? `[${address}]` : address;
      return { url: at.origin, host: url.host };
    });
  };
}
