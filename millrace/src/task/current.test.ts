import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { test } from "node:test";
import { type Ctx, background, ctxKey, sleep, withValue } from "../context/index.ts";
import { Router, text } from "../http/index.ts";
import { listen } from "../http/node/index.ts";
import { current, enableCurrent, go, group } from "./index.ts";

test("current is undefined until it is enabled, then the task's context across awaits and callbacks", async () => {
  await go(background, () => assert.equal(current(), undefined));
  assert.equal(enableCurrent(), true);
  assert.equal(enableCurrent(), true);
  assert.equal(current(), undefined);
  const check = async (ctx: Ctx): Promise<void> => {
    assert.equal(current(), ctx);
    await setImmediate();
    assert.equal(current(), ctx);
    await sleep(ctx, 1);
    assert.equal(current(), ctx);
    await new Promise<void>((resolve) => {
      setTimeout(() => {
        assert.equal(current(), ctx);
        resolve();
      }, 1);
    });
    // A task of a task has its own, and ours is back after it.
    await go(ctx, (inner) => assert.equal(current(), inner));
    assert.equal(current(), ctx);
  };
  await Promise.all(Array.from({ length: 20 }, () => go(background, check)));
  const g = group(background);
  for (let i = 0; i < 20; i++) await g.go(check);
  await g.wait();
  assert.equal(current(), undefined);
});

test("current is the request's context in a handler", async () => {
  enableCurrent();
  const key = ctxKey<string>("id");
  const router = new Router();
  router.get("/:id", async (ctx, req) => {
    const id = req.params.id;
    const outer = current();
    await setImmediate();
    assert.equal(current(), outer);
    assert.equal(outer?.deadline, ctx.deadline);
    return text(await go(withValue(ctx, key, id), async () => current()?.get(key) ?? "none"));
  });
  const server = await listen(background, { addr: "127.0.0.1:0", handler: router });
  try {
    const answers = Array.from({ length: 10 }, async (_, i) => (await fetch(`http://${server.addr}/${i}`)).text());
    assert.deepEqual(await Promise.all(answers), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  } finally {
    await server.shutdown(background);
  }
});
