import type { PoolStats } from "../../sql/index.ts";
import type { Registry } from "../index.ts";

const POOL = "db_client_connection_pool_name";
const STATE = "db_client_connection_state";

/** registerStats reads a pool's statistics at each scrape. @internal */
export function registerStats(registry: Registry, pool: string, stats: () => PoolStats): void {
  const metrics = registry.shared("db.client.connection", () => register(registry));
  const states: Readonly<Record<string, (s: PoolStats) => number>> = {
    used: (s) => s.acquired,
    idle: (s) => s.idle,
    opening: (s) => s.opening + (s.lanes?.opening ?? 0),
    closing: (s) => s.closing + (s.lanes?.closing ?? 0),
    lane: (s) => s.lanes?.open ?? 0,
  };
  for (const [state, read] of Object.entries(states)) {
    metrics.count.labels({ [POOL]: pool, [STATE]: state }).readFrom(() => read(stats()));
  }
  const reasons: Readonly<Record<string, (s: Pick<PoolStats, Closed>) => number>> = {
    lifetime: (s) => s.closedByLifetime,
    idle: (s) => s.closedByIdle,
    health: (s) => s.closedByHealth,
    broken: (s) => s.closedBroken,
  };
  for (const [reason, read] of Object.entries(reasons)) {
    metrics.closed.labels({ [POOL]: pool, reason }).readFrom(() => {
      const all = stats();
      return read(all) + (all.lanes === undefined ? 0 : read(all.lanes));
    });
  }
  metrics.max.labels({ [POOL]: pool }).readFrom(() => stats().maxConns);
  metrics.pending.labels({ [POOL]: pool }).readFrom(() => stats().waiting);
  metrics.timeouts.labels({ [POOL]: pool }).readFrom(() => stats().timeouts);
}

type Closed = "closedByLifetime" | "closedByIdle" | "closedByHealth" | "closedBroken";

function register(registry: Registry) {
  return {
    count: registry.gaugeVec("db_client_connections", {
      help: "Connections of a pool by state; a lane is one over which several callers send at once.",
      labels: [POOL, STATE],
    }),
    closed: registry.counterVec("db_client_connection_closed_total", {
      help: "Connections that the pool has closed or lost.",
      labels: [POOL, "reason"],
    }),
    max: registry.gaugeVec("db_client_connection_max", { help: "Connections allowed.", labels: [POOL] }),
    pending: registry.gaugeVec("db_client_connection_pending_requests", {
      help: "Callers that wait for a connection.",
      labels: [POOL],
    }),
    timeouts: registry.counterVec("db_client_connection_timeouts_total", {
      help: "Callers that gave up waiting for a connection.",
      labels: [POOL],
    }),
  };
}
