import { main, newApp } from "millrace/app";
import { openCluster } from "millrace/http/node";

await main(async (ctx) => {
  const app = newApp({ readyDelayMs: 0 });
  const worker = new URL("./worker.ts", import.meta.url);
  const cluster = await openCluster(ctx, { addr: "127.0.0.1:0", worker, workers: 1 });
  app.serve("workers", cluster);
  app.go("workers", (ctx) => cluster.run(ctx));
  console.log(`open: ${cluster.url}`);
  await app.run(ctx);
});
