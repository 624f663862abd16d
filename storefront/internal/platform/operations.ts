import { type Admin, openAdmin } from "millrace/admin";
import type { Ctx } from "millrace/context";
import type { Log } from "millrace/log";
import type { Registry } from "millrace/metrics";
import type { Settings } from "./settings.ts";

/** OperationsDeps are what operators may look at. */
export interface OperationsDeps {
  readonly settings: Settings;
  readonly log: Log;
  readonly metrics: Registry;
}

/** openOperations opens the port for operators, unless it is off: metrics, tasks, profiles, settings, the log's level. */
export async function openOperations(ctx: Ctx, deps: OperationsDeps): Promise<Admin | undefined> {
  const { settings, log, metrics } = deps;
  const { adminAddr: addr, adminToken: token, adminHosts: hosts } = settings;
  if (addr === undefined) return undefined;
  const options = { addr, hosts, log, metrics, config: settings, ...(token === undefined ? {} : { token }) };
  const admin = await openAdmin(ctx, options);
  log.info(ctx, `the admin port is open: ${admin.url}`);
  return admin;
}
