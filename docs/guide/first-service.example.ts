import { main, newApp } from "millrace/app";
import { Router, json } from "millrace/http";
import { listen } from "millrace/http/node";
import { accessLog, requestId, timeout } from "millrace/middleware";
import { openPool } from "millrace/sql";
import { postgres } from "millrace/sql/postgres";

await main(async (ctx) => {
  const { DATABASE_URL = "postgres://localhost/postgres", PORT = "8080" } = process.env;
  const app = newApp();
  const pool = await app.own("database", openPool(ctx, postgres(DATABASE_URL)));

  const router = new Router().use(requestId(), accessLog(), timeout(5000));
  router.get("/add/:a/:b", async (ctx, req) => {
    // The client leaves, five seconds pass, the process is told to stop: the query is canceled on the server.
    const row = await pool.one(ctx, "select $1::int + $2::int as sum", [req.params.a, req.params.b]);
    return json(row);
  });

  app.serve("http", await listen(ctx, { addr: `127.0.0.1:${PORT}`, handler: router }));
  await app.run(ctx); // until SIGTERM: answers what has been accepted, then closes the pool
});
