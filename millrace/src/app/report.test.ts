import assert from "node:assert/strict";
import { test } from "node:test";
import { chan } from "../chan/index.ts";
import { background, sleep, withoutCancel } from "../context/index.ts";
import { Router, text } from "../http/index.ts";
import { listen } from "../http/node/index.ts";
import { newLog } from "../log/index.ts";
import { newApp } from "./index.ts";

// What the log says of a stop that had to cut something off, or to leave it behind: what it was, and where it waited.

function setup() {
  let out = "";
  const log = newLog({ out: { write: (line) => (out += line) } });
  const app = newApp({ log, readyDelayMs: 0, drainMs: 100, cancelMs: 100, closeMs: 100 });
  const line = (msg: string): Record<string, unknown> => {
    const lines = out.split("\n").filter((each) => each !== "");
    const found = lines.map((each) => JSON.parse(each) as Record<string, unknown>).find((each) => each["msg"] === msg);
    return found ?? assert.fail(`not logged: ${msg}`);
  };
  return { app, line };
}

test("requests that a drain cuts off are named with their route and age", async () => {
  const { app, line } = setup();
  const arrived = Promise.withResolvers<void>();
  const handler = new Router()
    .get("/users/:id", async (ctx) => {
      arrived.resolve();
      await sleep(ctx, 60_000);
      return text("never");
    })
    .handler();
  const server = await listen(background, { addr: "127.0.0.1:0", handler });
  app.serve("http", server);
  const answer = fetch(`${server.url}/users/7`).then((res) => res.status);
  await arrived.promise;
  await app[Symbol.asyncDispose]();
  assert.equal(await answer, 503);
  assert.match(String(line("app: drain: http is cut off")["doing"]), /^GET \/users\/7 \(\/users\/:id\), [\d.]+ms$/);
});

test("what is left behind is named with what it was doing, a task with what it waits for", async () => {
  const { app, line } = setup();
  app.go("reader", (ctx) => chan<number>().recv(withoutCancel(ctx)));
  app.go("deaf", () => new Promise(() => {}));
  const close = (): Promise<void> => new Promise(() => {});
  const holders = ["1 of 10 connections in use, 0 waiting, held by tx transfer (INSERT INTO transfers) for 2.1s"];
  await app.own("database", { [Symbol.asyncDispose]: close, describe: () => holders });
  await app.own("broken", {
    [Symbol.asyncDispose]: close,
    describe: () => {
      throw new Error("no idea");
    },
  });
  await assert.rejects(app[Symbol.asyncDispose](), (err: Error) => {
    assert.match(err.message, /database \(close, \d+ms: 1 of 10 connections in use, .* for 2\.1s\)/);
    return true;
  });
  const stuck = line("app: hard stop")["stuck"] as { readonly name: string; readonly doing: string[] }[];
  assert.deepEqual(Object.fromEntries(stuck.map(({ name, doing }) => [name, doing])), {
    reader: ["runs, or waits for foreign code"],
    deaf: ["runs, or waits for foreign code"],
    broken: ["it cannot say: no idea"],
    database: holders,
  });
});

test("a task that waits in spite of its cancel says for what", async () => {
  const { app, line } = setup();
  app.go("reader", async (ctx) => {
    await sleep(ctx, 60_000).catch(() => {});
    const { go } = await import("../task/index.ts");
    await go(withoutCancel(ctx), (ctx) => chan<number>().recv(ctx), { name: "last read" });
  });
  await assert.rejects(app[Symbol.asyncDispose](), { reason: "app/stuck" });
  assert.match(String(line("app: hard stop")["tasks"]), /last read \(\d+ms, waits to receive from/);
});
