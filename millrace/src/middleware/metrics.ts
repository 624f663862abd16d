import { type Middleware, type Req, middleware } from "../http/index.ts";
import type { Registry } from "../metrics/index.ts";

// Those of RFC 9110 and PATCH. Anything else a client may invent.
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]);

/**
 * metrics observes how long each request took, in `http_server_request_duration_seconds` by method, route pattern and
 * status: rates, errors and durations are all read from it. What no route matches has the route "". A request of a sampled
 * trace leaves its trace id as exemplar. Several routers may use one registry.
 * Source: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration
 */
export function metrics(registry: Registry): Middleware {
  const durations = registry.shared("http.server.request.duration", () =>
    registry.histogramVec("http_server_request_duration_seconds", {
      help: "Time from a request's headers to the end of its answer.",
      unit: "seconds",
      labels: ["http_route", "http_request_method", "http_response_status_code"],
    }),
  );
  return middleware({
    onFinish(_ctx, req, { durationMs, status }) {
      const series = durations.labels({
        http_route: req.pattern,
        http_request_method: METHODS.has(req.method) ? req.method : "_OTHER",
        http_response_status_code: String(status),
      });
      series.observe(durationMs / 1000, sampledTrace(req));
    },
  });
}

// The last bit of the flags says that somebody keeps the trace; a link to one that nobody kept leads nowhere.
function sampledTrace({ trace }: Req): string | undefined {
  return trace !== undefined && trace.flags.charCodeAt(1) % 2 === 1 ? trace.traceId : undefined;
}
