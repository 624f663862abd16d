/**
 * h3 with its own utilities for these parts: the client's address, CORS, the body's limit (for the methods that have a
 * body: to ask for one makes a native Request, of a GET as well), errors. It has none for the others, which are written
 * here, as node-http-full-stack.ts has them; the timeout is node:http's, as it is Fastify's, and pino writes in the background.
 */
import { randomUUID } from "node:crypto";
import { H3, HTTPError, assertBodySize, getRequestIP, handleCors, serve } from "h3";
import { destination, pino } from "pino";
import { isToken } from "./token.ts";

const SECURITY = Object.entries({
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "x-permitted-cross-domain-policies": "none",
});
const dest = destination({ dest: process.env["ACCESS_LOG"] ?? "/dev/null", sync: false, minLength: 4096 });
const log = pino({ level: "info" }, dest);
const windows = new Map<string, { count: number; resetAt: number }>();

const app = new H3({ onError: (error) => void (error.unhandled === true && log.error({ err: error }, "failed")) });
app.use(async (event, next) => {
  const begin = performance.now();
  const id = event.req.headers.get("x-request-id") ?? randomUUID();
  const ip = getRequestIP(event, { xForwardedFor: true }) ?? "";
  const window = windows.get(ip);
  if (window === undefined || window.resetAt < begin) windows.set(ip, { count: 1, resetAt: begin + 60_000 });
  else if (++window.count > 1_000_000_000) throw new HTTPError({ status: 429 });
  const { headers } = event.res;
  headers.set("x-request-id", id);
  for (const [name, value] of SECURITY) headers.set(name, value);
  let status = 500;
  try {
    const answer = await next();
    status = event.res.status ?? 200;
    return answer;
  } catch (err) {
    status = HTTPError.isError(err) ? err.status : 500;
    throw err;
  } finally {
    log.info(
      {
        request_id: id,
        method: event.req.method,
        path: event.url.pathname,
        route: event.context.matchedRoute?.route,
        status,
        duration_ms: performance.now() - begin,
        client_ip: ip,
      },
      "request",
    );
  }
});
const origins = { origin: ["https://app.example.com"] };
app.use((event, next) => {
  const preflight = handleCors(event, origins);
  return preflight === false ? next() : preflight;
});
app.use((event, next) => {
  const authorization = event.req.headers.get("authorization") ?? "";
  if (authorization.startsWith("Bearer ") && isToken(authorization.slice(7))) return next();
  throw new HTTPError({ status: 401, headers: { "www-authenticate": "Bearer" } });
});
app.use((event, next) => {
  if (event.req.method !== "GET" && event.req.method !== "HEAD") assertBodySize(event, 1024 * 1024);
  return next();
});
app.get("/users/:id", (event) => ({ id: event.context.params?.["id"], name: "John" }));
const server = serve(app, {
  hostname: "127.0.0.1",
  port: Number(process.env["PORT"] ?? 0),
  silent: true,
  node: { requestTimeout: 30_000 },
});
await server.ready();
console.log(JSON.stringify({ port: Number(new URL(server.url ?? "").port) }));
