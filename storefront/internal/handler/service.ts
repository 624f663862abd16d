import type { Health } from "millrace/health";
import { type Router, endpoint, json } from "millrace/http";
import { z } from "zod";

const tags = ["service"];

const index = z.object({ service: z.string(), routes: z.array(z.string()) });
const alive = z.object({ status: z.literal("alive") });
const startup = z.object({ status: z.enum(["starting", "started"]) });
const check = z.object({ status: z.enum(["up", "down"]), duration_ms: z.number(), error: z.string().optional() });
const report = z
  .object({ status: z.enum(["ready", "not_ready", "draining"]), checks: z.record(z.string(), check) })
  .meta({ id: "HealthReport" });

/** serviceRoutes serves what is about the service itself. */
export function serviceRoutes(r: Router, health: Health): void {
  r.get(
    "/",
    endpoint({ responses: { 200: index }, tags, summary: "List the routes", operationId: "index" }, () =>
      json({ service: "storefront", routes: r.routes().map((route) => `${route.method} ${route.pattern}`) }),
    ),
  );
  for (const [path, operationId] of [
    ["/healthz", "live"],
    ["/health", "liveAlias"],
  ] as const) {
    const summary = "Whether the process lives";
    r.get(
      path,
      endpoint({ responses: { 200: alive }, tags, summary, operationId }, () => health.live()),
    );
  }
  const ready = {
    200: { description: "It should get requests.", body: report },
    503: { description: "It should not.", body: report },
  };
  r.get(
    "/readyz",
    endpoint({ responses: ready, tags, summary: "Whether it should get requests", operationId: "ready" }, () =>
      health.ready(),
    ),
  );
  const started = {
    200: { description: "It has been ready once.", body: startup },
    503: { description: "It has not.", body: startup },
  };
  r.get(
    "/startupz",
    endpoint({ responses: started, tags, summary: "Whether it has started", operationId: "startup" }, () =>
      health.startup(),
    ),
  );
}
