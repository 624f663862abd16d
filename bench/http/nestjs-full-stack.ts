/**
 * NestJS over Express, its default, as its documentation sets these parts up: helmet, its own CORS and body parser, a guard
 * for the bearer check, its exceptions filter. The rate limit is express-rate-limit's, which Nest takes as it is: its own
 * throttler starts a timer and hashes a key for each request, and would bring it to a tenth. The rest is as express-full-stack.ts has it. Its
 * decorators are called by hand, because Node strips types and makes no decorators.
 */
import "reflect-metadata";
import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Module,
  Param,
  UnauthorizedException,
} from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import type { NextFunction, Request, Response } from "express";
import { rateLimit } from "express-rate-limit";
import helmet from "helmet";
import { destination, pino } from "pino";
import { isToken } from "./token.ts";

const dest = destination({ dest: process.env["ACCESS_LOG"] ?? "/dev/null", sync: false, minLength: 4096 });
const log = pino({ level: "info" }, dest);

function accessLog(request: Request, response: Response, next: NextFunction): void {
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
}

class BearerGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const authorization = context.switchToHttp().getRequest<Request>().headers.authorization ?? "";
    if (authorization.startsWith("Bearer ") && isToken(authorization.slice(7))) return true;
    throw new UnauthorizedException();
  }
}

class Users {
  user(id: string): { id: string; name: string } {
    return { id, name: "John" };
  }
}
const method = Object.getOwnPropertyDescriptor(Users.prototype, "user")!;
Get(":id")(Users.prototype, "user", method);
Param("id")(Users.prototype, "user", 0);
Controller("users")(Users);

// A module is a class, whether it holds anything or not.
// oxlint-disable-next-line typescript/no-extraneous-class
class App {}
Module({ controllers: [Users] })(App);

const app = await NestFactory.create<NestExpressApplication>(App, { logger: false });
app.disable("etag").set("trust proxy", "127.0.0.1");
app.use(accessLog);
app.use(helmet());
app.enableCors({ origin: ["https://app.example.com"] });
app.use(rateLimit({ windowMs: 60_000, limit: 1_000_000_000, standardHeaders: false, legacyHeaders: false }));
app.useBodyParser("json", { limit: "1mb" });
app.useGlobalGuards(new BearerGuard());
await app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1");
app.getHttpServer().requestTimeout = 30_000;
// A TCP server's address is an object.
console.log(JSON.stringify({ port: (app.getHttpServer().address() as AddressInfo).port }));
