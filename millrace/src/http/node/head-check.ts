import type { IncomingMessage } from "node:http";
import type { IncomingHttpHeaders } from "node:http2";
import { Failure } from "../../errors/index.ts";
import type { Limits } from "./limits.ts";

// RFC 3986 section 3.2: a name, an IPv4 address or an IPv6 address in brackets, and a port; without the comma, by which
// several headers are joined.
const AUTHORITY = /^(?:[\w.~!$&'()*+;=%-]*|\[[\da-f:.]+\])(?::\d*)?$/i;
// RFC 9112 section 3.2.2. A user's name in it is refused: RFC 9110 section 4.2.4.
const ABSOLUTE = /^https?:\/\/([^/?#]+)([/?].*)?$/i;
// What is in no target: "#" begins what a client keeps for itself, and the others are always escaped.
const NO_TARGET = /["#<>]/;

/**
 * HeadCheck refuses what the parser lets through and what two readers might understand in two ways. Where the target is
 * in the absolute form it puts it into the origin form, and its authority in the place of Host's.
 */
export class HeadCheck {
  readonly #maxHeaders: number;
  readonly #maxHeaderBytes: number;
  // Clients nearly always ask for the same host.
  #known = "";

  constructor({ maxHeaders, maxHeaderBytes }: Pick<Limits, "maxHeaders" | "maxHeaderBytes">) {
    this.#maxHeaders = maxHeaders;
    this.#maxHeaderBytes = maxHeaderBytes;
  }

  /** check gives what is wrong with a request's head, undefined if it is all right. */
  check(raw: IncomingMessage): Failure | undefined {
    const { rawHeaders, headers } = raw;
    if (raw.httpVersionMajor !== 1) return refused("bad_version", "is of a version that is not served");
    if (rawHeaders.length > 2 * this.#maxHeaders) return refused("headers_too_large", "has too many headers");
    let hostAt = -1;
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const name = rawHeaders[i]!;
      if (name.length !== 4 || name.toLowerCase() !== "host") continue;
      if (hostAt >= 0) return refused("bad_request", "has two Hosts");
      hostAt = i + 1;
    }
    const host = headers.host;
    if (host === undefined) {
      if (raw.httpVersionMinor > 0) return refused("bad_request", "has no Host");
    } else if (host !== this.#known) {
      if (!AUTHORITY.test(host)) return refused("bad_request", "has a Host that is none");
      this.#known = host;
    }
    const coding = headers["transfer-encoding"];
    if (coding !== undefined) {
      // Both framings, or one that HTTP/1.0 does not know, are how requests are smuggled: RFC 9112 section 6.1.
      if (raw.httpVersionMinor === 0) return refused("bad_request", "has a transfer coding in HTTP/1.0");
      if (coding.toLowerCase() !== "chunked") return refused("bad_coding", "has a transfer coding that is not known");
    }
    return this.#target(raw, hostAt);
  }

  /** checkStream does the same for a request of HTTP/2, of which nghttp2 has seen that it is well-formed. */
  checkStream(headers: IncomingHttpHeaders, rawHeaders: readonly string[]): Failure | undefined {
    // nghttp2 keeps the limit only with clients that have acknowledged it. 32 for each: RFC 9113 section 6.5.2.
    const size = rawHeaders.reduce((sum, text) => sum + text.length + 16, 0);
    if (size > this.#maxHeaderBytes) return refused("headers_too_large", "has too large headers");
    const { ":method": method, ":path": path = "", ":authority": authority, host = authority } = headers;
    if (method === "CONNECT") return refused("not_implemented", "asks for a tunnel");
    if (host === undefined || (authority !== undefined && authority !== host)) {
      return refused("bad_request", "does not say which host it is for");
    }
    if (!AUTHORITY.test(host)) return refused("bad_request", "has a host that is none");
    if (NO_TARGET.test(path)) return refused("bad_request", "has a character in its target that must be escaped");
    const origin = path.startsWith("/") || (path === "*" && method === "OPTIONS");
    return origin ? undefined : refused("bad_request", "has a target that is none");
  }

  #target(raw: IncomingMessage, hostAt: number): Failure | undefined {
    // The parser has a URL for each request.
    const url = raw.url!;
    if (NO_TARGET.test(url)) return refused("bad_request", "has a character in its target that must be escaped");
    if (url.charCodeAt(0) === 47 /* "/" */ || (url === "*" && raw.method === "OPTIONS")) return undefined;
    const [, authority, rest = "/"] = ABSOLUTE.exec(url) ?? [];
    if (authority === undefined || !AUTHORITY.test(authority))
      return refused("bad_request", "has a target that is none");
    raw.url = rest.startsWith("?") ? `/${rest}` : rest;
    raw.headers.host = authority;
    if (hostAt >= 0) raw.rawHeaders[hostAt] = authority;
    return undefined;
  }
}

/** expectationFailed is the refusal of an expectation that is not known: RFC 9110 section 10.1.1. */
export function expectationFailed(): Failure {
  return refused("expectation_failed", "expects something that is not known");
}

function refused(reason: keyof typeof CODES, what: string): Failure {
  return new Failure(`http: the request ${what}`, {
    code: CODES[reason],
    reason: `http/${reason}`,
    detail: `The request ${what}.`,
  });
}

const CODES = {
  bad_request: "invalid_argument",
  not_implemented: "unimplemented",
  bad_coding: "unimplemented",
  bad_version: "unimplemented",
  headers_too_large: "invalid_argument",
  expectation_failed: "failed_precondition",
} as const;
