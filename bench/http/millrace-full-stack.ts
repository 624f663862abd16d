import { openSync } from "node:fs";
import { background, ctxKey } from "millrace/context";
import { Router, json } from "millrace/http";
import { listen } from "millrace/http/node";
import {
  accessLog,
  bearer,
  bodyLimit,
  clientIp,
  cors,
  rateLimit,
  requestId,
  securityHeaders,
  timeout,
} from "millrace/middleware";
import { isToken } from "./token.ts";

const user = ctxKey<string>("user");
const log = openSync(process.env["ACCESS_LOG"] ?? "/dev/null", "a");
const router = new Router()
  .use(
    requestId(),
    clientIp({ trusted: ["127.0.0.1"] }),
    accessLog({ fd: log }),
    timeout(30_000),
    cors({ origins: ["https://app.example.com"] }),
    securityHeaders(),
    bodyLimit(1024 * 1024),
    rateLimit({ requests: 1_000_000_000 }),
    bearer(user, (_ctx, token) => (isToken(token) ? "john" : undefined)),
  )
  .get("/users/:id", (_ctx, req) => json({ id: req.params.id, name: "John" }));
const server = await listen(background, { addr: `127.0.0.1:${process.env["PORT"] ?? "0"}`, handler: router });
console.log(JSON.stringify({ port: Number(server.addr.split(":")[1]) }));
