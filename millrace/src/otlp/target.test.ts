import assert from "node:assert/strict";
import { test } from "node:test";
import { type OtlpTargetOptions, type Signal, targetOf } from "./target.ts";

const SDK = { "telemetry.sdk.name": "millrace", "telemetry.sdk.language": "nodejs" };
const cases: { name: string; signal?: Signal; options: OtlpTargetOptions; want: Record<string, unknown> }[] = [
  {
    name: "nothing",
    options: {},
    want: {
      url: "http://localhost:4318/v1/metrics",
      headers: {},
      timeoutMs: 10_000,
      gzip: false,
      resource: { "service.name": "unknown_service:node", ...SDK },
    },
  },
  {
    name: "all signals' variables",
    signal: "traces",
    options: {
      env: {
        OTEL_SERVICE_NAME: "shop",
        OTEL_RESOURCE_ATTRIBUTES: "service.name=no, deployment.environment.name=a%20b,broken,x=%ff",
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://otel:4318/base/",
        OTEL_EXPORTER_OTLP_HEADERS: "api-key=k%3D1, b=2=3",
        OTEL_EXPORTER_OTLP_TIMEOUT: "500",
        OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      },
    },
    want: {
      url: "http://otel:4318/base/v1/traces",
      headers: { "api-key": "k=1", b: "2=3" },
      timeoutMs: 500,
      gzip: true,
      resource: { "service.name": "shop", "deployment.environment.name": "a b", ...SDK },
    },
  },
  {
    name: "a signal's own variables, and what cannot be",
    options: {
      env: {
        OTEL_RESOURCE_ATTRIBUTES: "service.name=shop",
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://otel:4318",
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://metrics:1/",
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://traces:1/",
        OTEL_EXPORTER_OTLP_METRICS_HEADERS: "",
        OTEL_EXPORTER_OTLP_TIMEOUT: "soon",
        OTEL_EXPORTER_OTLP_COMPRESSION: "zstd",
      },
    },
    want: { url: "http://metrics:1/", timeoutMs: 10_000, gzip: false, resource: { "service.name": "shop", ...SDK } },
  },
  {
    name: "options beat variables",
    options: {
      service: "own",
      url: "http://own/",
      headers: {},
      resource: { a: "1" },
      timeoutMs: 7,
      compression: "none",
      env: {
        OTEL_SERVICE_NAME: "shop",
        OTEL_RESOURCE_ATTRIBUTES: "a=2,b=3",
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://otel",
        OTEL_EXPORTER_OTLP_HEADERS: "a=1",
        OTEL_EXPORTER_OTLP_TIMEOUT: "500",
      },
    },
    want: {
      url: "http://own/",
      headers: {},
      timeoutMs: 7,
      gzip: false,
      resource: { "service.name": "own", a: "1", b: "3", ...SDK },
    },
  },
];

for (const { name, signal = "metrics", options, want } of cases) {
  test(`where it goes: ${name}`, () => {
    const target = targetOf(signal, options);
    assert.deepEqual({ ...target, ...want }, target);
  });
}
