/**
 * The same parts written by hand over node:http, as a careful engineer would in one file: the floor that a toolkit's
 * convenience is measured against.
 */
import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { isToken } from "./token.ts";

const SECURITY = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "x-permitted-cross-domain-policies": "none",
  vary: "origin",
};
const log = createWriteStream(process.env["ACCESS_LOG"] ?? "/dev/null", { flags: "a" });
const windows = new Map<string, { count: number; resetAt: number }>();

const server = createServer((request, response) => {
  const begin = performance.now();
  const id = (request.headers["x-request-id"] as string | undefined) ?? randomUUID();
  const forwarded = request.headers["x-forwarded-for"] as string | undefined;
  const ip = forwarded?.split(",").at(-1)?.trim() ?? request.socket.remoteAddress ?? "";
  const timer = setTimeout(() => response.writeHead(504).end(), 30_000);
  response.on("close", () => {
    clearTimeout(timer);
    const line = {
      time: new Date().toISOString(),
      request_id: id,
      method: request.method,
      path: request.url,
      status: response.statusCode,
      duration_ms: performance.now() - begin,
      client_ip: ip,
    };
    log.write(`${JSON.stringify(line)}\n`);
  });
  const window = windows.get(ip);
  if (window === undefined || window.resetAt < begin) windows.set(ip, { count: 1, resetAt: begin + 60_000 });
  else if (++window.count > 1_000_000_000) {
    response.writeHead(429).end();
    return;
  }
  const authorization = request.headers.authorization ?? "";
  if (!authorization.startsWith("Bearer ") || !isToken(authorization.slice(7))) {
    response.writeHead(401, { "www-authenticate": "Bearer" }).end();
    return;
  }
  const path = request.url ?? "";
  if (request.method !== "GET" || !path.startsWith("/users/")) {
    response.writeHead(404).end();
    return;
  }
  const body = JSON.stringify({ id: decodeURIComponent(path.slice("/users/".length)), name: "John" });
  response.writeHead(200, {
    ...SECURITY,
    "x-request-id": id,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
});
server.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  // A TCP server's address is an object.
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
