/**
 * Hono with the middleware that it brings for these parts, each where its documentation puts it and at its cheapest. The
 * body's limit stands before the methods that have a body: to look whether there is one makes a native Request, of a GET as
 * well. The timeout is node:http's, as it is Fastify's: Hono's own is a timer and a race of promises a request. The two took
 * a third off its throughput. With a list of origins its CORS adds Vary to an answer that exists already, which makes a
 * native Response of it, with a stream for a body: without it Hono does half as much again, but its documentation has no other
 * way. It has nothing for the client's address, the access log and the rate limit: those are written here, as
 * node-http-full-stack.ts has them; pino writes in the background.
 */
import { type HttpBindings, serve } from "@hono/node-server";
import { Hono } from "hono";
import { bearerAuth } from "hono/bearer-auth";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { destination, pino } from "pino";
import { isToken } from "./token.ts";

const dest = destination({ dest: process.env["ACCESS_LOG"] ?? "/dev/null", sync: false, minLength: 4096 });
const log = pino({ level: "info" }, dest);
const windows = new Map<string, { count: number; resetAt: number }>();

const app = new Hono<{ Bindings: HttpBindings; Variables: { requestId: string } }>();
app.use(requestId());
app.use(async (c, next) => {
  const begin = performance.now();
  const ip = c.req.header("x-forwarded-for")?.split(",").at(-1)?.trim() ?? c.env.incoming.socket.remoteAddress ?? "";
  const window = windows.get(ip);
  if (window === undefined || window.resetAt < begin) windows.set(ip, { count: 1, resetAt: begin + 60_000 });
  else if (++window.count > 1_000_000_000) return c.body(null, 429);
  await next();
  log.info(
    {
      request_id: c.get("requestId"),
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      duration_ms: performance.now() - begin,
      client_ip: ip,
    },
    "request",
  );
  return undefined;
});
app.use(cors({ origin: ["https://app.example.com"] }));
app.use(secureHeaders());
app.on(["POST", "PUT", "PATCH", "DELETE"], "*", bodyLimit({ maxSize: 1024 * 1024 }));
app.use(bearerAuth({ verifyToken: (token) => isToken(token) }));
app.get("/users/:id", (c) => c.json({ id: c.req.param("id"), name: "John" }));
const options = {
  fetch: app.fetch,
  hostname: "127.0.0.1",
  port: Number(process.env["PORT"] ?? 0),
  serverOptions: { requestTimeout: 30_000 },
};
serve(options, ({ port }) => {
  console.log(JSON.stringify({ port }));
});
