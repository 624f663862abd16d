import type { Ctx } from "../../context/index.ts";
import { codeOf } from "../../errors/index.ts";
import type { AcquireEvent, PoolHooks, PoolStats, QueryEvent } from "../../sql/index.ts";
import type { Histogram, Registry, Vec } from "../index.ts";
import { operationOf } from "./operation.ts";
import { registerStats } from "./pool-stats.ts";

const POOL = "db_client_connection_pool_name";

/** WatchedPool is what PoolMetrics asks of a pool. */
export interface WatchedPool {
  stats(): PoolStats;
}

/**
 * PoolMetrics measures a pool: its statements by operation and error code, the time that callers wait for a connection, and
 * from watch on its connections. Several pools with names of their own may use one registry:
 *
 *     const metrics = new PoolMetrics(registry, "main");
 *     const pool = await openPool(ctx, driver, { hooks: metrics });
 *     metrics.watch(pool);
 *
 * Source: https://opentelemetry.io/docs/specs/semconv/database/database-metrics/
 */
export class PoolMetrics implements PoolHooks {
  readonly #registry: Registry;
  readonly #pool: string;
  readonly #durations: Vec<typeof POOL | "db_operation_name" | "error_type", Histogram>;
  readonly #waits: Histogram;

  constructor(registry: Registry, pool: string) {
    this.#registry = registry;
    this.#pool = pool;
    this.#durations = registry.shared("db.client.operation.duration", () =>
      registry.histogramVec("db_client_operation_duration_seconds", {
        help: "Time that a caller waited for a statement.",
        unit: "seconds",
        labels: [POOL, "db_operation_name", "error_type"],
        buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
      }),
    );
    this.#waits = registry
      .shared("db.client.connection.wait_time", () =>
        registry.histogramVec("db_client_connection_wait_time_seconds", {
          help: "Time that a caller waited for a connection, or until giving up.",
          unit: "seconds",
          labels: [POOL],
          buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
        }),
      )
      .labels({ [POOL]: pool });
  }

  /** acquire is the hook. */
  acquire(_ctx: Ctx, { waitMs }: AcquireEvent): void {
    this.#waits.observe(waitMs / 1000);
  }

  /** query is the hook. error_type is the failure's code, "" for none. */
  query(_ctx: Ctx, { text, durationMs, err }: QueryEvent): void {
    const series = this.#durations.labels({
      [POOL]: this.#pool,
      db_operation_name: operationOf(text),
      error_type: err === undefined ? "" : codeOf(err),
    });
    series.observe(durationMs / 1000);
  }

  /** watch reads the pool's statistics at each scrape. */
  watch(pool: WatchedPool): void {
    registerStats(this.#registry, this.#pool, () => pool.stats());
  }
}
