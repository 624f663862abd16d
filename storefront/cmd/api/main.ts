import { main, newApp } from "millrace/app";
import { newHealth } from "millrace/health";
import { listen } from "millrace/http/node";
import { standard } from "millrace/middleware";
import { watchStalls } from "millrace/stall";
import { enableCurrent } from "millrace/task";
import { systemClock } from "millrace/time";
import { routes } from "../../internal/handler/routes.ts";
import { migrate, openDatabase } from "../../internal/platform/database.ts";
import { addDemoData } from "../../internal/platform/demo-data.ts";
import { forgetOldKeys } from "../../internal/platform/old-keys.ts";
import { openLog } from "../../internal/platform/log.ts";
import { openOperations } from "../../internal/platform/operations.ts";
import { loadSettings, wantsDemoData } from "../../internal/platform/settings.ts";
import { Telemetry } from "../../internal/platform/telemetry.ts";
import { SqlAccounts } from "../../internal/repository/accounts.ts";
import { SqlOrders } from "../../internal/repository/orders.ts";
import { SqlPosts } from "../../internal/repository/posts.ts";
import { SqlTransfers } from "../../internal/repository/transfers.ts";
import { SqlUsers } from "../../internal/repository/users.ts";
import { Accounts } from "../../internal/service/accounts.ts";
import { Orders } from "../../internal/service/orders.ts";
import { Posts } from "../../internal/service/posts.ts";
import { Transfers } from "../../internal/service/transfers.ts";
import { Users } from "../../internal/service/users.ts";

await main(async (ctx) => {
  const settings = loadSettings(process.env);
  const log = openLog(settings);
  const app = newApp({ log, readyDelayMs: settings.readyDelayMs, drainMs: settings.drainMs });

  // Closed last: both tell of the end, too.
  const telemetry = await app.own("telemetry", new Telemetry(ctx, settings, log));
  app.onFlush("telemetry", (ctx) => telemetry.flush(ctx));
  const admin = await openOperations(ctx, app, { settings, log, metrics: telemetry.registry });
  enableCurrent();
  await app.own("stalls", watchStalls({ log }));
  const pool = await app.own("database", openDatabase(ctx, settings, telemetry.sqlHooks));
  await migrate(ctx, pool, log);
  if (wantsDemoData(settings) && (await addDemoData(ctx, pool))) log.info(ctx, "demo data added");

  app.go("forget old idempotency keys", (ctx) => forgetOldKeys(ctx, pool, log));

  const health = newHealth({ checks: { database: (ctx) => pool.ping(ctx) } });
  app.onDrain(() => health.drain());
  const users = new Users(new SqlUsers(pool), systemClock);
  const handler = routes(
    {
      users,
      accounts: new Accounts(new SqlAccounts(pool), systemClock),
      transfers: new Transfers(new SqlTransfers(pool), systemClock),
      posts: new Posts(new SqlPosts(pool), users, systemClock),
      orders: new Orders(new SqlOrders(pool), users, systemClock),
      health,
    },
    standard({
      ...telemetry.observed,
      clientIp: { trusted: settings.trustedProxies },
      accessLog: settings.logFormat === "pretty" ? { log } : {},
      memoryLimit: {},
      timeoutMs: settings.requestTimeoutMs,
    }),
  );
  const server = await listen(ctx, { addr: `${settings.host}:${settings.port}`, handler, log });
  app.serve("http", server);
  telemetry.watch({ pool, server, health });
  admin?.watch("http", server);
  log.info(ctx, `the storefront is open: ${server.url}`);
  for (const path of ["/docs", "/api/v1/users", "/readyz"]) log.info(ctx, `try ${server.url}${path}`);
  await app.run(ctx);
});
