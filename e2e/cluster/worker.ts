// A worker of the cluster that cluster.test.ts starts; MODE says how it misbehaves.
import { main, newApp } from "millrace/app";
import { sleep } from "millrace/context";
import { Router, json, stream, text } from "millrace/http";
import { listen } from "millrace/http/node";

const mode = process.env["MODE"] ?? "";
if (mode === "crash") process.exit(7);

await main(async (ctx) => {
  const app = newApp({ readyDelayMs: 0, drainMs: 2500, closeMs: 500 });
  const router = new Router()
    .get("/", async (ctx) => {
      await sleep(ctx, 3);
      return json({ pid: process.pid });
    })
    .get("/stream", () => stream(pieces(), { type: "text/plain" }))
    // Deaf to its context.
    .get("/stuck", () => new Promise<never>(() => undefined))
    .get("/block", () => {
      for (;;);
    })
    .get("/die", () => process.exit(3))
    .post("/", async (_ctx, req) => text(`${(await req.bytes()).length}`));
  const server = await listen(ctx, {
    addr: "parent",
    handler: router,
    log: { error: () => undefined },
  });
  app.serve("http", server);
  await app.run(ctx);
});

async function* pieces(): AsyncGenerator<string> {
  for (let i = 0; i < 20; i++) {
    yield `${i} `;
    await new Promise((resolve) => void setTimeout(resolve, 10));
  }
}
