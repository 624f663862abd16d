import { component, main, newApp } from "millrace/app";
import { newHealth } from "millrace/health";
import { listen } from "millrace/http/node";
import { standard } from "millrace/middleware";
import { watchStalls } from "millrace/stall";
import { enableCurrent } from "millrace/task";
import { routes } from "../../internal/handler/routes.ts";
import { migrate, openDatabase } from "../../internal/platform/database.ts";
import { addDemoData } from "../../internal/platform/demo-data.ts";
import { forgetOldKeys } from "../../internal/platform/old-keys.ts";
import { openLog } from "../../internal/platform/log.ts";
import { openOperations } from "../../internal/platform/operations.ts";
import { servicesOn } from "../../internal/platform/services.ts";
import { loadSettings, wantsDemoData } from "../../internal/platform/settings.ts";
import { Telemetry } from "../../internal/platform/telemetry.ts";

await main(async (ctx) => {
  const settings = loadSettings(process.env);
  const log = openLog(settings);
  const app = newApp({ log, readyDelayMs: settings.readyDelayMs, drainMs: settings.drainMs });

  const telemetry = component("telemetry", { start: (ctx) => new Telemetry(ctx, settings, log) });
  const admin = component("admin", {
    needs: { telemetry },
    start: (ctx, { telemetry }) => openOperations(ctx, { settings, log, metrics: telemetry.registry }),
  });
  const stalls = component("stalls", {
    start() {
      enableCurrent();
      return watchStalls({ log });
    },
  });
  const database = component("database", {
    needs: { telemetry },
    start: (ctx, { telemetry }) => openDatabase(ctx, settings, telemetry.sqlHooks),
    health: (ctx, pool) => pool.ping(ctx),
  });
  const schema = component("schema", {
    needs: { database },
    // A migration may take long, also that of another process.
    startMs: 600_000,
    async start(ctx, { database }) {
      await migrate(ctx, database, log);
      if (wantsDemoData(settings) && (await addDemoData(ctx, database))) log.info(ctx, "demo data added");
    },
  });
  const http = component("http", {
    needs: { telemetry, admin, stalls, database, schema },
    async start(ctx, { telemetry, admin, database: pool }) {
      const health = newHealth({ checks: app.checks });
      app.onDrain(() => health.drain());
      const handler = routes(
        { ...servicesOn(pool), health },
        standard({
          ...telemetry.observed,
          clientIp: { trusted: settings.trustedProxies },
          accessLog: settings.logFormat === "pretty" ? { log } : {},
          memoryLimit: {},
          timeoutMs: settings.requestTimeoutMs,
        }),
      );
      const server = await listen(ctx, { addr: `${settings.host}:${settings.port}`, handler, log });
      telemetry.watch({ pool, server, health });
      admin?.watch("http", server);
      return server;
    },
    drain: (ctx, server) => server.shutdown(ctx),
  });

  const open = await app.start(ctx, { telemetry, database, http });
  app.onFlush("telemetry", (ctx) => open.telemetry.flush(ctx));
  app.go("forget old idempotency keys", (ctx) => forgetOldKeys(ctx, open.database, log));
  log.info(ctx, `the storefront is open: ${open.http.url}`);
  for (const path of ["/docs", "/api/v1/users", "/readyz"]) log.info(ctx, `try ${open.http.url}${path}`);
  await app.run(ctx);
});
