import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Ctx } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import type { Handler } from "../handler.ts";
import { isFraming } from "../header.ts";
import type { Req } from "../req.ts";
import { Router } from "../router.ts";
import { connOf } from "./conn.ts";
import { type ListenOptions, listen } from "./listen.ts";
import type { Server } from "./server.ts";

/**
 * NodeHandler is what node:http's createServer, Express's use and, by `req.raw` and `reply.raw`, Fastify's routes take.
 */
export interface NodeHandler extends AsyncDisposable {
  (raw: IncomingMessage, res: ServerResponse): void;
}

/**
 * toNodeHandler serves a router inside of another HTTP/1.1 server of Node's. Deadlines, cancellation when the client
 * goes, body limits and problems are the router's own; what concerns connections is the other server's. Headers that
 * have been set on the response before are sent along. A body must not have been read before: put it before body
 * parsers. It answers every request, so mount it under a path; Express takes that off the URL, and so the patterns are
 * without it.
 *
 * When ctx ends, or it is disposed of, what is in flight is ended as by Server.shutdown; then it answers 503.
 */
export function toNodeHandler(
  ctx: Ctx,
  handler: Router | Handler,
  options: Omit<ListenOptions, "addr" | "handler"> = {},
): NodeHandler {
  const compiled = handler instanceof Router ? handler.handler() : handler;
  let opening: Promise<Server> | undefined;
  let over = false;
  const serve = async (raw: IncomingMessage, res: ServerResponse): Promise<void> => {
    opening ??= listen(ctx, { ...options, addr: "memory", handler: (ctx, req) => compiled(ctx, admitted(req)) });
    try {
      const server = await opening;
      if (!over && ctx.err === undefined) {
        adopt(raw, res);
        server.take(raw, res);
        // It may have gone while the server was opened.
        if (raw.socket.destroyed) connOf(raw.socket).closed();
        return;
      }
    } catch {
      // ctx had ended before.
    }
    res.writeHead(503, { connection: "close", "content-length": 0 }).end();
  };
  return Object.assign((raw: IncomingMessage, res: ServerResponse): void => void serve(raw, res), {
    async [Symbol.asyncDispose](): Promise<void> {
      over = true;
      await (await opening)?.[Symbol.asyncDispose]();
    },
  });
}

/** Before is what the other server has done with a request. */
interface Before {
  readonly headers: OutgoingHttpHeaders;
  readonly bodyRead: boolean;
}

// By the request's headers: of all that a handler sees, only they are the other server's own object.
const BEFORE: WeakMap<IncomingHttpHeaders, Before> = new WeakMap();
const KNOWN: WeakSet<Socket> = new WeakSet();

function adopt(raw: IncomingMessage, res: ServerResponse): void {
  const { socket } = raw;
  if (!KNOWN.has(socket)) {
    KNOWN.add(socket);
    socket.once("close", () => connOf(socket).closed());
  }
  BEFORE.set(raw.headers, { headers: { ...res.getHeaders() }, bodyRead: raw.readableEnded });
  // The exchange sends them, so that its own win.
  for (const name of res.getHeaderNames()) res.removeHeader(name);
}

function admitted(req: Req): Req {
  const before = BEFORE.get(req.headers);
  if (before === undefined) return req;
  for (const [name, value] of Object.entries(before.headers)) {
    if (isFraming(name) || name === "content-type" || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [String(value)]) req.setHeader(name, one);
  }
  if (before.bodyRead && req.header("content-length") !== "0") {
    req.bytes = async () => {
      throw bodyRead();
    };
    req.chunks = () => {
      throw bodyRead();
    };
  }
  return req;
}

function bodyRead(): Failure {
  return new Failure("http: the body was read before: the router must come before body parsers", {
    code: "internal",
    reason: "http/body_already_read",
  });
}
