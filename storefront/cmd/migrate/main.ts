import { main, newApp } from "millrace/app";
import { migrate, openDatabase } from "../../internal/platform/database.ts";
import { openLog } from "../../internal/platform/log.ts";
import { loadSettings } from "../../internal/platform/settings.ts";

// Brings the schema up to date and ends: for deployments that migrate before they roll out.
await main(async (ctx) => {
  const settings = loadSettings(process.env);
  const log = openLog(settings);
  const app = newApp({ log });
  const pool = await app.own("database", openDatabase(ctx, settings));
  await migrate(ctx, pool, log);
  log.info(ctx, "the schema is up to date");
});
