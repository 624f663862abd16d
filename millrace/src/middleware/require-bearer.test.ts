import assert from "node:assert/strict";
import { test } from "node:test";
import { Router, endpoint, json } from "../http/index.ts";
import { FakeExchange } from "../http/testing/fake-exchange.ts";
import { requireBearer } from "./require-bearer.ts";

test("requireBearer gives an endpoint whose token it is, with its type", async () => {
  const requireUser = requireBearer("user", async (_ctx, token) => (token === "good" ? { name: "Ada" } : undefined));
  const router = new Router().get(
    "/me",
    endpoint({ use: [requireUser] }, (_ctx, { user }) => json(user.name.length)),
  );
  const ask = (authorization: string) =>
    new FakeExchange({ url: "/me", headers: { authorization } }).call(router.handler());
  assert.equal((await ask("Bearer good")).body, "3");
  assert.equal((await ask("Bearer bad")).status, 401);
});
