/** NestJS over Express, its default. Its decorators are called by hand, because Node strips types and makes no decorators. */
import "reflect-metadata";
import type { AddressInfo } from "node:net";
import { Controller, Get, Module, Param } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";

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
app.disable("x-powered-by").disable("etag");
await app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1");
// A TCP server's address is an object.
console.log(JSON.stringify({ port: (app.getHttpServer().address() as AddressInfo).port }));
