import type { Ctx } from "../../context/index.ts";
import { Failure, codeOf } from "../../errors/index.ts";
import type { Client } from "../client/index.ts";
import { headerName, headerValue } from "../header.ts";
import { type Handler, Reply, type Req } from "../index.ts";
import type { Incoming } from "../client/incoming.ts";
import { type Outgoing, isIdempotent } from "../client/outgoing.ts";
import { FORWARDED, forwarded } from "./forwarded.ts";
import { endToEnd, words } from "./hop-by-hop.ts";

/** ProxyOptions says what the upstreams are told. */
export interface ProxyOptions {
  /** host is the Host that the upstreams see: their own name, or what the client has sent. Default: "upstream". */
  readonly host?: "upstream" | "client";
  /** proto is what clients speak, as the upstreams are told. Default: "http". */
  readonly proto?: "http" | "https";
}

/**
 * proxy makes a handler that passes requests on to a client's upstreams and their answers back, bodies as they come, in
 * both directions with backpressure. The client balances, breaks and bounds; it is closed by its owner.
 *
 * Headers for one hop, and those that Connection names, go no further. Forwarded and X-Forwarded-* are written anew, from
 * what the clientIp middleware knows. Trailers of an answer are passed on to who has
 * asked by HTTP/2 or gets chunks, those of a request are dropped. A request body over the route's body limit is a 413, a
 * request to upgrade a 501, an upstream that cannot be reached or answers nonsense a 502, one that is too slow a 504. Who
 * leaves ends the request at the upstream; an upstream that breaks off breaks off the answer. A request is sent again
 * only if it has no body and surely did not reach an upstream.
 */
export function proxy(client: Client, options: ProxyOptions = {}): Handler {
  const { host = "upstream", proto = "http" } = options;
  return async (ctx, req) => {
    refuseTarget(req);
    refuseUpgrade(req);
    const out = outgoing(req, host, proto);
    try {
      return replyOf(await client.forward(ctx, out));
    } catch (err) {
      throw gatewayFailure(ctx, err);
    }
  };
}

function refuseTarget({ path }: Req): void {
  if (path.startsWith("/")) return;
  // OPTIONS * asks this server; anything else was no URL.
  throw new Failure("http: proxy: the target is no path", { code: "invalid_argument", reason: "http/bad_target" });
}

function refuseUpgrade(req: Req): void {
  // HTTP/2 over an upgrade is offered beside a request that can be answered as it is. Source: RFC 9113 appendix B.
  const wanted = words(req.header("upgrade")).filter((protocol) => protocol !== "" && protocol !== "h2c");
  if (wanted.length === 0 || !words(req.header("connection")).includes("upgrade")) return;
  throw new Failure("http: proxy: a request to upgrade", {
    code: "unimplemented",
    reason: "http/upgrade_refused",
    detail: "This resource does not change protocols.",
  });
}

function outgoing(req: Req, host: "upstream" | "client", proto: "http" | "https"): Outgoing {
  const headers = endToEnd(req.headers);
  // 100 Continue is between us and the client.
  for (const name of [...FORWARDED, "host", "expect", "http2-settings"]) delete headers[name];
  // The client tells of the trace, if the request has one, and not what the request came with.
  if (req.trace !== undefined) for (const name of ["traceparent", "tracestate"]) delete headers[name];
  const via = req.header("via");
  Object.assign(headers, forwarded(req, proto), {
    "x-request-id": req.requestId,
    // RFC 9110 section 7.6.3: whoever forwards a request says so.
    via: `${via === undefined ? "" : `${via}, `}1.1 millrace`,
  });
  const own = req.header("host");
  if (host === "client" && own !== undefined) headers["host"] = own;
  const length = req.header("content-length");
  const hasBody = (length !== undefined && length !== "0") || req.header("transfer-encoding") !== undefined;
  return {
    method: req.method,
    path: req.path + req.search,
    headers,
    body: hasBody ? req.chunks() : null,
    safe: isIdempotent(req.method),
    replayable: !hasBody,
  };
}

function replyOf(incoming: Incoming): Reply {
  const reply = new Reply(incoming.status, "", incoming.body);
  reply.trailers = () => trailersOf(incoming);
  try {
    for (const [name, value] of Object.entries(endToEnd(incoming.headers))) {
      if (name === "content-length") reply.length = Number(value);
      // The server writes its own.
      else if (name !== "date") for (const each of together(name, value)) reply.header(name, each);
    }
  } catch (err) {
    incoming.body.destroy();
    throw badGateway("the upstream's answer has a header that cannot be passed on", err);
  }
  return reply;
}

// What says how to read a message, where it goes or who asks has its place in the head, and Connection names what goes no
// further. Source: RFC 9110 section 6.5.1.
function trailersOf({ headers, trailers }: Incoming): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(endToEnd({ ...trailers, connection: headers["connection"] }))) {
    if (HEAD_ONLY.test(name)) continue;
    try {
      out[headerName(name)] = headerValue(name, typeof value === "string" ? value : value.join(", "));
    } catch {
      // The body has gone already: one that cannot be passed on is left out.
    }
  }
  return out;
}

const HEAD_ONLY =
  /^(?:age|authorization|cache-control|content-.*|cookie|date|expires|host|location|max-forwards|pragma|range|retry-after|set-cookie|vary|warning|www-authenticate|forwarded|x-forwarded-.*)$/;

// Only these may stand several times; the others are one list.
function together(name: string, value: string | readonly string[]): readonly string[] {
  if (typeof value === "string") return [value];
  return name === "set-cookie" || name === "www-authenticate" ? value : [value.join(", ")];
}

function gatewayFailure(ctx: Ctx, err: unknown): unknown {
  if (ctx.err !== undefined || !(err instanceof Failure)) return err;
  if (codeOf(err) === "deadline_exceeded") {
    return new Failure("http: proxy", { code: "deadline_exceeded", reason: "http/gateway_timeout", cause: err });
  }
  const bad = ["http/connect_failed", "http/connection_lost", "http/bad_response"];
  return bad.includes(err.reason) ? badGateway(err.message, err) : err;
}

function badGateway(message: string, cause: unknown): Failure {
  return new Failure(`http: proxy: ${message}`, { code: "unavailable", reason: "http/bad_gateway", cause });
}
