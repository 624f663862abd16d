import type { Req } from "../index.ts";

/**
 * FORWARDED are the headers that say where a request came from. Whoever sends them can write anything there, so those that
 * came are dropped and written anew.
 */
export const FORWARDED: readonly string[] = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-real-ip",
];

/**
 * forwarded says where a request came from: the client as the clientIp middleware knows it and the peer, the host and the
 * scheme, as X-Forwarded-For, -Host and -Proto and as Forwarded. Source: RFC 7239.
 */
export function forwarded(req: Req, proto: "http" | "https"): Record<string, string> {
  const { clientIp, remoteAddress } = req;
  const path = clientIp === remoteAddress ? [clientIp] : [clientIp, remoteAddress];
  const host = req.header("host");
  const elements = path.map((address) => `for=${node(address)}`);
  elements[elements.length - 1] += `;proto=${proto}${host === undefined ? "" : `;host=${quoted(host)}`}`;
  return {
    "x-forwarded-for": path.join(", "),
    "x-forwarded-proto": proto,
    ...(host !== undefined && { "x-forwarded-host": host }),
    forwarded: elements.join(", "),
  };
}

// Section 6: an IPv6 address stands in brackets, and so in quotes.
function node(address: string): string {
  return address.includes(":") ? `"[${address}]"` : address;
}

// A host may come with characters that a quoted string cannot hold as they are.
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
