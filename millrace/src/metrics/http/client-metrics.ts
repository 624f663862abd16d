import type { Ctx } from "../../context/index.ts";
import { codeOf } from "../../errors/index.ts";
import type { Registry } from "../index.ts";

/** ClientMetrics are hooks of a client of `millrace/http/client`. */
export interface ClientMetrics {
  request(
    ctx: Ctx,
    request: { readonly method: string; readonly origin: string },
  ): { readonly end: (status: number, err: unknown) => void };
}

/**
 * clientMetrics measures every request that a client sends, retries and hedges too, to the head of its answer:
 * `newClient({ baseUrl, hooks: clientMetrics(registry) })`. Several clients may use one registry. error_type is the status
 * from 400 on, or the failure's code without an answer.
 * Source: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpclientrequestduration
 */
export function clientMetrics(registry: Registry): ClientMetrics {
  const durations = registry.shared("http.client.request.duration", () =>
    registry.histogramVec("http_client_request_duration_seconds", {
      help: "Time from sending a request to the head of its answer.",
      unit: "seconds",
      labels: ["server_address", "http_request_method", "http_response_status_code", "error_type"],
    }),
  );
  return {
    request(_ctx, { method, origin }) {
      const since = performance.now();
      const end = (status: number, err: unknown): void => {
        const series = durations.labels({
          server_address: origin.slice(origin.indexOf("//") + 2),
          http_request_method: method,
          http_response_status_code: status > 0 ? String(status) : "",
          error_type: status >= 400 ? String(status) : err === undefined ? "" : codeOf(err),
        });
        series.observe((performance.now() - since) / 1000);
      };
      return { end };
    },
  };
}
