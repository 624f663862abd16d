import { gunzipSync } from "node:zlib";
import { type Handler, type Reply, Router, json } from "../../http/index.ts";
import { serve } from "../../http/node/testing/setup.ts";
import type { Attribute } from "./common-schema.ts";
import { type SentMetric, readMetrics } from "./metrics-schema.ts";
import { type SentSpan, readTraces } from "./traces-schema.ts";

/** Collector is a server that takes spans and metrics, and looks at every field of them. */
export interface Collector extends AsyncDisposable {
  /** url is the one for traces. */
  readonly url: string;
  readonly metricsUrl: string;
  /** asked is how many requests have come, refused ones too. */
  readonly asked: number;
  readonly spans: readonly SentSpan[];
  /** pushes are the metrics of each request that was taken. */
  readonly pushes: readonly (readonly SentMetric[])[];
  /** resources are the attributes of each request's process. */
  readonly resources: readonly (readonly Attribute[])[];
  readonly problems: readonly string[];
  /** headers are those of the last request. */
  readonly headers: Readonly<Record<string, unknown>>;
}

/** collector opens one. answer may answer in its place: what it gives no answer to is taken. */
export async function collector(
  answer: (asked: number) => Reply | Promise<Reply> | undefined = () => undefined,
): Promise<Collector> {
  const seen = {
    asked: 0,
    spans: [] as SentSpan[],
    pushes: [] as (readonly SentMetric[])[],
    resources: [] as (readonly Attribute[])[],
    problems: [] as string[],
    headers: {},
  };
  const taking =
    (keep: (body: unknown) => string | undefined): Handler =>
    async (_ctx, req) => {
      const { asked } = Object.assign(seen, { asked: seen.asked + 1, headers: req.headers });
      const bytes = await req.bytes();
      const body: unknown = JSON.parse(
        String(req.header("content-encoding") === "gzip" ? gunzipSync(bytes) : Buffer.from(bytes)),
      );
      const own = await answer(asked);
      if (own !== undefined) return own;
      const problem = keep(body);
      if (problem !== undefined) seen.problems.push(problem);
      return json({});
    };
  const traces = taking((body) => {
    const request = readTraces(body);
    if (typeof request === "string") return request;
    for (const { resource, scopeSpans } of request.resourceSpans) {
      seen.resources.push(resource.attributes);
      for (const { spans } of scopeSpans) seen.spans.push(...spans);
    }
    return undefined;
  });
  const metrics = taking((body) => {
    const request = readMetrics(body);
    if (typeof request === "string") return request;
    for (const { resource, scopeMetrics } of request.resourceMetrics) {
      seen.resources.push(resource.attributes);
      for (const { metrics } of scopeMetrics) seen.pushes.push(metrics);
    }
    return undefined;
  });
  const up = await serve(new Router().post("/v1/traces", traces).post("/v1/metrics", metrics));
  return Object.assign(seen, {
    url: `${up.server.url}/v1/traces`,
    metricsUrl: `${up.server.url}/v1/metrics`,
    [Symbol.asyncDispose]: () => up[Symbol.asyncDispose](),
  });
}
