import { type Ctx } from "millrace/context";
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

  /** watch reads the pool and the server at each scrape. */
  watch(pool: Pool, server: { readonly inFlight: number }): void {
    this.#poolMetrics.watch(pool);
    this.registry
      .gauge("http_server_active_requests", { help: "Requests that are not answered, or whose handlers run." })
      .readFrom(() => server.inFlight);
  }

  /** Sends the spans that still wait. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#runtime[Symbol.dispose]();
    await this.#exporter?.[Symbol.asyncDispose]();
  }
}

function exporterTo(ctx: Ctx, { traceUrl, traceHeaders }: TelemetrySettings, log: Log): OtlpExporter | undefined {
  if (traceUrl === undefined) return undefined;
  // The variable holds the collector's base. Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
  const url = `${traceUrl.replace(/\/$/, "")}/v1/traces`;
  return openOtlp(ctx, { service: "storefront", url, headers: traceHeaders.reveal(), log });
}
