import { BlockList, isIP, isIPv6 } from "node:net";
import { type Middleware, type Req, middleware } from "../http/index.ts";

/** ClientIpOptions says which proxies are believed; without one of the two it would be none. */
export type ClientIpOptions = {
  /** header is what the proxies append to. Default: "x-forwarded-for". */
  readonly header?: string;
} & (
  | {
      /** trusted are the addresses and CIDR ranges of the proxies: the first address from the right outside is the client. */
      readonly trusted: readonly string[];
    }
  | {
      /** hops is how many proxies append an address, at least 1: the client is the hops-th from the right. */
      readonly hops: number;
    }
);

/**
 * clientIp sets req.clientIp from what trusted proxies have appended. A client can write anything into the header, so
 * only what stands right of its own words is believed, and nothing of what does not parse as an address.
 */
export function clientIp(options: ClientIpOptions): Middleware {
  const header = (options.header ?? "x-forwarded-for").toLowerCase();
  const find = "trusted" in options ? byRange(options.trusted) : byHops(options.hops);
  return middleware({}, (next) => (ctx, req) => {
    const ip = find(req, req.header(header));
    if (ip !== undefined) req.clientIp = ip;
    return next(ctx, req);
  });
}

type Find = (req: Req, forwarded: string | undefined) => string | undefined;

function byHops(hops: number): Find {
  if (!Number.isSafeInteger(hops) || hops < 1) throw new RangeError(`clientIp: hops must be at least 1, not ${hops}`);
  return (_req, forwarded) => {
    if (forwarded === undefined) return undefined;
    const address = plain(forwarded.split(",").at(-hops) ?? "");
    return isIP(address) === 0 ? undefined : address;
  };
}

function byRange(trusted: readonly string[]): Find {
  const ranges = rangesOf(trusted);
  const isTrusted = (ip: string): boolean => ranges.check(ip, isIPv6(ip) ? "ipv6" : "ipv4");
  // Nearly all requests come from a few peers.
  let lastPeer = "";
  let lastTrusted = false;
  return (req, forwarded) => {
    if (forwarded === undefined) return undefined;
    if (req.remoteAddress !== lastPeer) {
      lastPeer = req.remoteAddress;
      const peer = plain(lastPeer);
      lastTrusted = isIP(peer) !== 0 && isTrusted(peer);
    }
    if (!lastTrusted) return undefined;
    let client: string | undefined;
    for (const part of forwarded.split(",").toReversed()) {
      const address = plain(part);
      // What is left of words that are no address cannot be believed either.
      if (isIP(address) === 0) return client;
      client = address;
      if (!isTrusted(address)) return client;
    }
    return client;
  };
}

function rangesOf(trusted: readonly string[]): BlockList {
  const ranges = new BlockList();
  for (const range of trusted) {
    const [address = "", bits, more] = range.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    const max = family === "ipv6" ? 128 : 32;
    const prefix = bits === undefined ? max : Number(/^\d+$/.test(bits) ? bits : "NaN");
    if (isIP(address) === 0 || !(prefix <= max) || more !== undefined) {
      throw new TypeError(`clientIp: ${JSON.stringify(range)} is no address and no CIDR range`);
    }
    ranges.addSubnet(address, prefix, family);
  }
  return ranges;
}

// An IPv4 address that a dual-stack socket shows as ::ffff:1.2.3.4 is that IPv4 address.
function plain(text: string): string {
  const address = text.trim();
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice("::ffff:".length) : address;
}
