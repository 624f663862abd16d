/**
 * Fastify with the plugins that its own documentation names for these parts, each at its cheapest: pino writes in the
 * background (4 kB at a time, its documentation's figure for production), one line a request as Fastify's own request
 * logging can be told to, no handlerTimeout (it costs Fastify 1 to 2 µs more), and the rate limit sends no headers on a success, as Millrace's does not.
 */
import type { AddressInfo } from "node:net";
import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import fastify from "fastify";
import { destination, pino } from "pino";
import { isToken } from "./token.ts";

const dest = destination({ dest: process.env["ACCESS_LOG"] ?? "/dev/null", sync: false, minLength: 4096 });
const app = fastify({
  loggerInstance: pino({ level: "info" }, dest),
  disableRequestLogging: true,
  requestIdHeader: "x-request-id",
  trustProxy: "127.0.0.1",
  bodyLimit: 1024 * 1024,
  requestTimeout: 30_000,
});
await app.register(helmet);
await app.register(cors, { origin: ["https://app.example.com"] });
const silent = {
  "x-ratelimit-limit": false,
  "x-ratelimit-remaining": false,
  "x-ratelimit-reset": false,
  "retry-after": true,
};
await app.register(rateLimit, { max: 1_000_000_000, addHeaders: silent, addHeadersOnExceeding: silent });
app.addHook("onRequest", (request, reply, done) => {
  reply.header("x-request-id", request.id);
  const token = request.headers.authorization?.startsWith("Bearer ") ? request.headers.authorization.slice(7) : "";
  if (isToken(token)) done();
  else reply.code(401).send({ error: "unauthorized" });
});
app.addHook("onResponse", (request, reply, done) => {
  request.log.info(
    {
      method: request.method,
      path: request.url,
      route: request.routeOptions.url,
      status: reply.statusCode,
      duration_ms: reply.elapsedTime,
      client_ip: request.ip,
    },
    "request",
  );
  done();
});
app.get<{ Params: { id: string } }>("/users/:id", (request, reply) => {
  reply.send({ id: request.params.id, name: "John" });
});
await app.listen({ host: "127.0.0.1", port: Number(process.env["PORT"] ?? 0) });
// A TCP server's address is an object.
console.log(JSON.stringify({ port: (app.server.address() as AddressInfo).port }));
