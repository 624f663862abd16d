import type { OtlpAttrs } from "./attrs.ts";
import type { Signal } from "./target.ts";

/** Env is what the environment says of an exporter. */
export interface Env {
  readonly service: string | undefined;
  readonly resource: OtlpAttrs;
  readonly url: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs: number | undefined;
  readonly compression: "gzip" | "none" | undefined;
}

/**
 * fromEnv reads the variables that OpenTelemetry has for exporters; one for a signal beats the one for all, an empty one
 * is not there, and what cannot be is as if it were not, as the specification has it.
 * Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/ and
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function fromEnv(signal: Signal, env: Readonly<Record<string, string | undefined>>): Env {
  const own = (name: string): string | undefined =>
    env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${name}`] || undefined;
  const all = (name: string): string | undefined => env[`OTEL_EXPORTER_OTLP_${name}`] || undefined;
  const { "service.name": named, ...resource } = pairs(env["OTEL_RESOURCE_ATTRIBUTES"] ?? "");
  const headers = own("HEADERS") ?? all("HEADERS");
  const compression = own("COMPRESSION") ?? all("COMPRESSION");
  return {
    service: env["OTEL_SERVICE_NAME"] || named,
    resource,
    url: own("ENDPOINT") ?? below(all("ENDPOINT"), signal),
    headers: headers === undefined ? undefined : pairs(headers),
    timeoutMs: millisOf(own("TIMEOUT") ?? all("TIMEOUT")),
    compression: compression === "gzip" || compression === "none" ? compression : undefined,
  };
}

/** millisOf is a variable that holds milliseconds, from 1 on; undefined for anything else. */
export function millisOf(text: string | undefined): number | undefined {
  const ms = Number(text);
  return Number.isSafeInteger(ms) && ms > 0 ? ms : undefined;
}

// The endpoint for all signals is a base; the one for a signal is used as it is.
function below(base: string | undefined, signal: Signal): string | undefined {
  if (base === undefined) return undefined;
  return `${base.replace(/\/+$/, "")}/v1/${signal}`;
}

// "a=1,b=x%20y", as baggage is written; a member that is broken is left out.
function pairs(list: string): Record<string, string> {
  const out: Record<string, string> = {};
  for (const member of list.split(",")) {
    const at = member.indexOf("=");
    const name = member.slice(0, Math.max(0, at)).trim();
    try {
      if (name !== "") out[decodeURIComponent(name)] = decodeURIComponent(member.slice(at + 1).trim());
    } catch {
      // No percent encoding.
    }
  }
  return out;
}
