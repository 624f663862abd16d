/**
 * Express with the packages that its own documentation names for these parts, each at its cheapest: pino writes in the
 * background, one line a request; the timeout is node:http's, as it is Fastify's (connect-timeout costs a timer a request
 * more); the rate limit sends no headers on a success. Express has nothing for the request's id and the bearer check.
 */
import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import cors from "cors";
import express, { type ErrorRequestHandler } from "express";
import { rateLimit } from "express-rate-limit";
import helmet from "helmet";
import { destination, pino } from "pino";
import { isToken } from "./token.ts";

const dest = destination({ dest: process.env["ACCESS_LOG"] ?? "/dev/null", sync: false, minLength: 4096 });
const log = pino({ level: "info" }, dest);
const app = express().disable("etag").set("trust proxy", "127.0.0.1");

app.use((request, response, next) => {
  const begin = performance.now();
  const id = request.get("x-request-id") ?? randomUUID();
  response.setHeader("x-request-id", id);
  response.on("finish", () => {
    log.info(
      {
        request_id: id,
        method: request.method,
        path: request.originalUrl,
        // Before a route has matched there is none, whatever its type says.
        route: (request.route as { path: string } | undefined)?.path,
        status: response.statusCode,
        duration_ms: performance.now() - begin,
        client_ip: request.ip,
      },
      "request",
    );
  });
  next();
});
app.use(helmet());
app.use(cors({ origin: ["https://app.example.com"] }));
app.use(rateLimit({ windowMs: 60_000, limit: 1_000_000_000, standardHeaders: false, legacyHeaders: false }));
app.use((request, response, next) => {
  const authorization = request.get("authorization") ?? "";
  if (authorization.startsWith("Bearer ") && isToken(authorization.slice(7))) next();
  else response.status(401).json({ error: "unauthorized" });
});
app.use(express.json({ limit: "1mb" }));
app.get("/users/:id", (request, response) => {
  response.json({ id: request.params.id, name: "John" });
});
const onError: ErrorRequestHandler = (err: unknown, _request, response, next) => {
  if (response.headersSent) {
    next(err);
    return;
  }
  log.error({ err }, "failed");
  response.status(500).json({ error: "internal" });
};
app.use(onError);
const server = app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  // A TCP server's address is an object.
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
server.requestTimeout = 30_000;
