import assert from "node:assert/strict";
import { test } from "node:test";
import { openAdmin as open, type AdminOptions } from "millrace/admin";
import { newApp } from "millrace/app";
import { loadConfig } from "millrace/config";
import { type Ctx, background, withCancel } from "millrace/context";
import { Router, text } from "millrace/http";
import { listen } from "millrace/http/node";
import { newLog } from "millrace/log";
import { Registry } from "millrace/metrics";
import { Secret } from "millrace/secret";
import { Mutex } from "millrace/sync";
import { go } from "millrace/task";

// A test must not meet another's port.
const openAdmin = (ctx: Ctx, options: AdminOptions) => open(ctx, { ...options, addr: "127.0.0.1:0" });

test("a request that is stuck is found", async () => {
  let written = "";
  const log = newLog({ out: { write: (line) => (written += line) } });
  const metrics = new Registry();
  const config = loadConfig({}, { env: {} });
  const queue = ["order 1"];
  const ctx = withCancel(background);
  const app = newApp({ log, readyDelayMs: 0 });

  const admin = await app.own("admin", openAdmin(ctx, { log, metrics, config, vars: { queue: () => queue.length } }));

  const stock = new Mutex();
  const forgotten = await stock.lock(ctx);
  const { promise: waits, resolve: waiting } = Promise.withResolvers<void>();
  const router = new Router().post("/orders", async (ctx) => {
    await using placing = go(
      ctx,
      async (ctx) => {
        const lock = stock.lock(ctx);
        waiting();
        (await lock)[Symbol.dispose]();
      },
      { name: "place order" },
    );
    await placing;
    return text("placed");
  });
  const server = await listen(ctx, { addr: "127.0.0.1:0", handler: router, idleGraceMs: 0 });
  app.serve("api", server);
  admin.watch("api", server);

  const order = fetch(`${server.url}/orders`, { method: "POST" });
  await waits;
  const tasks = await (await fetch(`${admin.url}/debug/tasks`)).text();
  assert.match(tasks, /^request api POST \/orders \[open, /m);
  assert.match(tasks, /^task \d+ place order \[waiting .*lock.*\]\n {4}in background\..*request\(POST \/orders\)$/m);
  const vars = (await (await fetch(`${admin.url}/debug/vars`)).json()) as { vars: object };
  assert.deepEqual(vars.vars, { queue: 1 });

  const child = log.with({ part: "orders" });
  log.setLevel("debug");
  child.debug(ctx, "now this is written");
  assert.match(written, /"level":"debug".*"part":"orders".*now this is written/);

  forgotten[Symbol.dispose]();
  assert.equal(await (await order).text(), "placed");
  await app[Symbol.asyncDispose]();
});

test("other machines need a token", async () => {
  const ctx = background;
  const podIp = "10.1.2.3";
  const debugToken = new Secret("from the configuration");

  await using inCluster = await openAdmin(ctx, { addr: ":6061", token: debugToken, hosts: [podIp] });

  assert.equal((await fetch(`${inCluster.url}/metrics`)).status, 401);
});
