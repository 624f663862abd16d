import { main, newApp } from "millrace/app";
import { newLog } from "millrace/log";
import { migrate, openDatabase } from "../../internal/platform/database.ts";
import { loadSettings } from "../../internal/platform/settings.ts";

// Brings the schema up to date and ends: for deployments that migrate before they roll out.
await main(async (ctx) => {
  const settings = loadSettings(process.env);
  const log = newLog({ level: settings.logLevel, format: settings.logFormat });
  const app = newApp({ log });
  const pool = await app.own("database", openDatabase(ctx, settings));
  await migrate(ctx, pool, log);
  log.info(ctx, "the schema is up to date");
});
