import { configRows, printConfig } from "../config/index.ts";
import { type Router, json, text } from "../http/index.ts";
import { wantsJson } from "./tasks.ts";

/** configRoutes adds /debug/config: what is in effect and where it came from, without its secrets. */
export function configRoutes(router: Router, settings: object): void {
  // Throws at the opening what it would throw at each request.
  configRows(settings);
  router.get("/debug/config", (_ctx, req) => {
    return wantsJson(req) ? json({ settings: configRows(settings) }) : text(`${printConfig(settings)}\n`);
  });
}
