import type { Ctx } from "millrace/context";
import { Router, text } from "millrace/http";
import { type Server, listen } from "millrace/http/node";
import type { Log } from "millrace/log";
import { type Registry, scrape } from "millrace/metrics";

/** openAdmin serves what is for operators alone, on a port of its own, also while the app drains. */
export async function openAdmin(ctx: Ctx, addr: string, registry: Registry, log: Log): Promise<Server> {
  const handler = new Router().get("/metrics", (_ctx, req) => {
    const { contentType, body } = scrape(registry, req.header("accept"));
    return text(body).header("content-type", contentType);
  });
  const server = await listen(ctx, { addr, handler, log });
  log.info(ctx, `the admin port is open: ${server.url}`);
  return server;
}
