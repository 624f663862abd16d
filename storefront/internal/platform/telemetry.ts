import { type Ctx } from "millrace/context";
import type { Health } from "millrace/health";
import type { Log } from "millrace/log";
import { Registry, runtimeMetrics } from "millrace/metrics";
import { PoolMetrics } from "millrace/metrics/sql";
import type { StandardDeps } from "millrace/middleware";
import { type Pool, type PoolHooks, bothHooks } from "millrace/sql";
import { newTracer, parentBased, ratio } from "millrace/trace";
import { type OtlpExporter, openOtlp } from "millrace/trace/otlp";
import { sqlTracing } from "millrace/trace/sql";
import type { Settings } from "./settings.ts";

/** TelemetrySettings are the settings that telemetry needs. */
type TelemetrySettings = Pick<Settings, "traceUrl" | "traceHeaders" | "traceRatio">;

/** Watched is what is read at each scrape. */
interface Watched {
  readonly pool: Pool;
  readonly server: { readonly inFlight: number };
  readonly health: Health;
}

/** Telemetry is what the storefront tells of itself: metrics, and spans if there is a collector. Close it last. */
export class Telemetry implements AsyncDisposable {
  readonly registry: Registry = new Registry();
  /** observed is what the stack of middleware is given. */
  readonly observed: Pick<StandardDeps, "metrics" | "tracing">;
  /** sqlHooks are what the pool is given. */
  readonly sqlHooks: PoolHooks;
  readonly #poolMetrics: PoolMetrics;
  readonly #runtime: Disposable;
  readonly #exporter: OtlpExporter | undefined;

  constructor(ctx: Ctx, settings: TelemetrySettings, log: Log) {
    const { registry } = this;
    this.#runtime = runtimeMetrics(registry);
    this.#poolMetrics = new PoolMetrics(registry, "main");
    this.#exporter = exporterTo(ctx, settings, log);
    registry
      .counter("log_dropped_lines_total", { help: "Lines that were lost because nobody read them." })
      .readFrom(() => log.dropped);
    if (this.#exporter === undefined) {
      this.observed = { metrics: registry };
      this.sqlHooks = this.#poolMetrics;
      return;
    }
    const exporter = this.#exporter;
    registry
      .counter("trace_dropped_spans_total", { help: "Spans that did not get to the collector." })
      .readFrom(() => exporter.stats().dropped);
    const tracer = newTracer({ exporter, sampler: parentBased(ratio(settings.traceRatio)) });
    this.observed = { metrics: registry, tracing: { tracer } };
    this.sqlHooks = bothHooks(sqlTracing({ database: "storefront" }), this.#poolMetrics);
  }

  /** watch reads the pool, the server and the last state of health at each scrape. */
  watch({ pool, server, health }: Watched): void {
    this.#poolMetrics.watch(pool);
    this.registry
      .gauge("health_ready", { help: "Whether it wants requests: 0 while a check fails, and when it drains." })
      .readFrom(() => {
        // For the next scrape, if no prober asks in between. It never rejects.
        void health.check();
        return health.last?.status === "ready" ? 1 : 0;
      });
    this.registry
      .gauge("http_server_active_requests", { help: "Requests that are not answered, or whose handlers run." })
      .readFrom(() => server.inFlight);
  }

  /** flush sends the spans that wait; ctx bounds it. */
  async flush(ctx: Ctx): Promise<void> {
    await this.#exporter?.flush(ctx);
  }

  /** Sends what has come since. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#runtime[Symbol.dispose]();
    await this.#exporter?.[Symbol.asyncDispose]();
  }
}

function exporterTo(ctx: Ctx, { traceUrl, traceHeaders }: TelemetrySettings, log: Log): OtlpExporter | undefined {
  if (traceUrl === undefined) return undefined;
  // The variable holds the collector's base. Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
  const url = `${traceUrl.replace(/\/$/, "")}/v1/traces`;
  // Most has been sent by flush; with a collector that is away, the end must not wait.
  const closeTimeoutMs = 1000;
  return openOtlp(ctx, { service: "storefront", url, headers: traceHeaders.reveal(), closeTimeoutMs, log });
}
