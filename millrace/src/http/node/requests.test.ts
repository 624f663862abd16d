import assert from "node:assert/strict";
import { test } from "node:test";
import { Router } from "../router.ts";
import { stream, text } from "../reply.ts";
import { rawClient } from "./testing/raw-client.ts";
import { serve, signal } from "./testing/setup.ts";

test("a server lists the requests that it answers, oldest first, by route and not by path", async () => {
  const [held, late, over] = [signal(), signal(), signal()];
  const router = new Router()
    .get("/held/:token", async () => {
      held.fire();
      await over.promise;
      return text("held");
    })
    .get("/streams", () =>
      stream(
        (async function* () {
          yield "begun";
          await over.promise;
        })(),
      ),
    )
    .get("/late", async (_ctx, req) => {
      req.setDeadline(1);
      await over.promise;
      late.fire();
      return text("late");
    });
  await using up = await serve(router.handler());
  using a = await rawClient(up.server.addr);
  a.send("GET /held/s3cret?token=s3cret HTTP/1.1\r\nhost: x\r\n\r\n");
  await held.promise;
  using b = await rawClient(up.server.addr);
  b.send("GET /streams HTTP/1.1\r\nhost: x\r\n\r\n");
  await b.until(/begun/);
  using c = await rawClient(up.server.addr);
  c.send("GET /late HTTP/1.1\r\nhost: x\r\n\r\n");
  await c.until(/504/);
  const listed = up.server.requests();
  assert.deepEqual(
    listed.map(({ method, route, state }) => [method, route, state]),
    [
      ["GET", "/held/:token", "open"],
      ["GET", "/streams", "streaming"],
      ["GET", "/late", "answered"],
    ],
  );
  assert.ok(listed.every(({ ageMs, requestId }) => ageMs >= 0 && requestId !== ""));
  assert.doesNotMatch(JSON.stringify(listed), /s3cret/);
  over.fire();
  await late.promise;
  await up.server[Symbol.asyncDispose]();
  assert.deepEqual(up.server.requests(), []);
});
