import { fromEnv } from "./env.ts";
import type { OtlpAttrs } from "./attrs.ts";

/** Signal is what is sent, as the paths and the environment call it. */
export type Signal = "traces" | "metrics";

/** OtlpTargetOptions says where an exporter sends, and in whose name. */
export interface OtlpTargetOptions {
  /** service is the name under which it is found: `service.name`. Default: env's, else "unknown_service:node". */
  readonly service?: string;
  /** url is the collector's for this signal. Default: env's, else "http://localhost:4318/v1/" and the signal. */
  readonly url?: string;
  /** headers are sent with every request, such as an API key. Default: env's. */
  readonly headers?: Readonly<Record<string, string>>;
  /** resource are attributes of the process, beside those of env: `service.version`, `deployment.environment.name`. */
  readonly resource?: OtlpAttrs;
  /** timeoutMs bounds one attempt to send. Default: env's, else 10,000; minimum 1. */
  readonly timeoutMs?: number;
  /** compression of what is sent. Default: env's, else "none", as the specification has it. */
  readonly compression?: "gzip" | "none";
  /**
   * env is where the `OTEL_…` variables are looked up for what the options leave out: `process.env`. Default: nowhere.
   * Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Target is where requests go. */
export interface Target {
  readonly signal: Signal;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly gzip: boolean;
  readonly resource: OtlpAttrs;
}

/** targetOf checks options and fills in what they leave out; it throws TypeError and RangeError. */
export function targetOf(signal: Signal, options: OtlpTargetOptions): Target {
  const env = fromEnv(signal, options.env ?? {});
  const { url = env.url ?? `http://localhost:4318/v1/${signal}`, timeoutMs = env.timeoutMs ?? 10_000 } = options;
  if (!URL.canParse(url)) throw new TypeError(`otlp: ${signal}: url is no URL`);
  checkWhole("timeoutMs", timeoutMs, 1);
  const resource = {
    "service.name": options.service ?? env.service ?? "unknown_service:node",
    "telemetry.sdk.name": "millrace",
    "telemetry.sdk.language": "nodejs",
    ...env.resource,
    ...options.resource,
  };
  const { headers = env.headers ?? {}, compression = env.compression ?? "none" } = options;
  return { signal, url, headers, timeoutMs, gzip: compression === "gzip", resource };
}

/** checkWhole throws a RangeError unless an option is a whole number of at least min. */
export function checkWhole(name: string, value: number, min: number): void {
  if (Number.isSafeInteger(value) && value >= min) return;
  throw new RangeError(`otlp: ${name} must be a whole number of at least ${min}, not ${value}`);
}
