import assert from "node:assert/strict";
import { test } from "node:test";
import { component, newApp } from "millrace/app";
import { type Ctx, background, withCancel } from "millrace/context";
import { newHealth } from "millrace/health";
import { Router, text } from "millrace/http";
import { listen } from "millrace/http/node";
import { newLog } from "millrace/log";
import { memoryLimit } from "millrace/middleware";

const log = newLog({ out: { write: () => {} } });

class Database implements AsyncDisposable {
  readonly said: string[] = [];

  async ping(_ctx: Ctx): Promise<void> {
    this.said.push("pong");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.said.push("closed");
  }
}

async function openDatabase(_ctx: Ctx): Promise<Database> {
  return new Database();
}

const exporter = {
  sent: 0,
  async flush(_ctx: Ctx): Promise<void> {
    this.sent++;
  },
};

test("the guide's components", async () => {
  const app = newApp({ log, readyDelayMs: 0 });

  const database = component("database", {
    start: (ctx) => openDatabase(ctx),
    health: (ctx, db) => db.ping(ctx),
  });
  const server = component("http", {
    needs: { database },
    start(ctx, { database }) {
      const health = newHealth({ checks: app.checks });
      app.onDrain(() => health.drain());
      const router = new Router()
        .use(memoryLimit())
        .get("/healthz", health.live)
        .get("/readyz", health.ready)
        .get("/", () => text(database.said.join()));
      return listen(ctx, { addr: "127.0.0.1:0", handler: router.handler(), log });
    },
    drain: (ctx, server) => server.shutdown(ctx),
  });

  const main = async (ctx: Ctx): Promise<void> => {
    const { server: http } = await app.start(ctx, { server });
    app.onFlush("spans", (ctx) => exporter.flush(ctx));
    log.info(ctx, `open: ${http.url}`);
    await app.run(ctx);
  };

  const ctx = withCancel(background);
  const running = main(ctx);
  const { server: http, database: db } = await app.start(ctx, { server, database });
  assert.equal((await fetch(`${http.url}/readyz`)).status, 200);
  assert.deepEqual(db.said, ["pong"]);
  ctx.cancel();
  await running;
  assert.deepEqual([db.said.at(-1), exporter.sent, app.state], ["closed", 1, "stopped"]);
});
