import { main, newApp } from "millrace/app";
import { Router, json } from "millrace/http";
import { listen, openCluster } from "millrace/http/node";

await main(async (ctx) => {
  if (process.argv[2] === "worker") {
    const app = newApp({ readyDelayMs: 0 }); // the parent has told the load balancer
    const router = new Router().get("/", () => json({ pid: process.pid }));
    app.serve("http", await listen(ctx, { addr: "parent", handler: router }));
    await app.run(ctx);
    return;
  }
  const app = newApp({ drainMs: 40_000 }); // longer than a worker may take
  const addr = `127.0.0.1:${process.env["PORT"] ?? "8080"}`;
  const cluster = await openCluster(ctx, { addr, worker: import.meta.filename, args: ["worker"], workers: 2 });
  app.serve("workers", cluster);
  app.go("workers", (ctx) => cluster.run(ctx)); // SIGHUP: a rolling restart
  await app.run(ctx);
});
