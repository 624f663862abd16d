import assert from "node:assert/strict";
import { test } from "node:test";
import { newApp } from "../app/index.ts";
import { background, withCancel } from "../context/index.ts";
import { Router, text } from "../http/index.ts";
import { listen } from "../http/node/index.ts";
import { newLog } from "../log/index.ts";
import { openAdmin } from "./index.ts";
import { ask } from "./testing/setup.ts";

test("it answers while the app stops, and tells what that waits for; it closes after what came later", async () => {
  const log = newLog({ out: { write() {} } });
  const start = withCancel(background);
  const app = newApp({ log, readyDelayMs: 0 });
  const admin = await app.own("admin", openAdmin(start, { addr: "127.0.0.1:0", log }));
  const [begun, draining, release] = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const router = new Router().get("/slow", async () => {
    begun!.resolve();
    await release!.promise;
    return text("done");
  });
  const server = await listen(background, { addr: "127.0.0.1:0", handler: router, idleGraceMs: 0 });
  app.serve("api", server);
  admin.watch("api", server);
  const seen: number[] = [];
  await app.own("pool", {
    async [Symbol.asyncDispose]() {
      seen.push((await ask(admin.addr, "/debug/vars")).status);
    },
  });
  app.onDrain(() => draining!.resolve());

  const stop = withCancel(background);
  const ran = app.run(stop);
  const answer = ask(server.addr, "/slow");
  await begun!.promise;
  stop.cancel();
  // The start's ends with a signal.
  start.cancel();
  await draining!.promise;
  const dump = await ask(admin.addr, "/debug/tasks");
  assert.match(dump.text, /^request api GET \/slow \[open, /m);
  release!.resolve();
  assert.equal((await answer).text, "done");
  await ran;
  assert.deepEqual(seen, [200]);
  await assert.rejects(ask(admin.addr, "/"), { code: "ECONNREFUSED" });
});
