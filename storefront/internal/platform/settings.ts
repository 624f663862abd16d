import { type Settings as Loaded, loadConfig } from "millrace/config";
import { z } from "zod";
import { address, duration, headers, host, names, part, ranges, whole } from "./setting-schemas.ts";

const FIELDS = {
  host: { env: "HOST", schema: host, doc: "address to listen on" },
  port: { env: "PORT", schema: whole(0, 65_535, 8080), doc: "port, 0 for any" },
  databaseUrl: {
    env: "DATABASE_URL",
    // Words that the value may hold, such as its scheme, are the doc's: a message that quotes a secret is not shown.
    schema: z.url({ protocol: /^postgres(ql)?$/, error: "must be a URL, as below" }).optional(),
    secret: true,
    doc: "postgres://USER:PASSWORD@HOST:PORT/NAME, a PostgreSQL 14 to 18; without it the embedded one is used",
  },
  dataDir: { env: "DATA_DIR", schema: z.string().min(1).default(".data"), doc: "folder of the embedded database" },
  demoData: {
    env: "DEMO_DATA",
    schema: z.enum(["true", "false"]).optional(),
    doc: "whether to add a few users, accounts, posts and orders, once; default: only to the embedded database",
  },
  maxConns: { env: "DATABASE_MAX_CONNS", schema: whole(2, 500, 10) },
  logLevel: { env: "LOG_LEVEL", schema: z.enum(["debug", "info", "warn", "error"]).default("info") },
  logFormat: { env: "LOG_FORMAT", schema: z.enum(["pretty", "json"]).default("pretty") },
  trustedProxies: {
    env: "TRUSTED_PROXIES",
    schema: ranges,
    doc: "addresses and CIDR ranges whose X-Forwarded-For is believed, separated by commas",
  },
  requestTimeoutMs: { env: "REQUEST_TIMEOUT", schema: duration("15s"), doc: "how long a request may take" },
  readyDelayMs: { env: "SHUTDOWN_DELAY", schema: duration("0"), doc: "how long load balancers need to notice" },
  adminAddr: {
    env: "ADMIN_ADDR",
    schema: address("127.0.0.1:6060"),
    doc: "where operators find metrics, tasks and profiles; off for nowhere",
  },
  adminToken: {
    env: "ADMIN_TOKEN",
    schema: z.string().min(16, "must have at least 16 characters").optional(),
    secret: true,
    doc: "what operators and Prometheus show as a bearer; needed where other machines reach ADMIN_ADDR",
  },
  adminHosts: { env: "ADMIN_HOSTS", schema: names, doc: "names by which they ask for it, separated by commas" },
  traceUrl: {
    env: "OTEL_EXPORTER_OTLP_ENDPOINT",
    schema: z.url({ protocol: /^https?$/, error: "must be a URL of a collector" }).optional(),
    doc: "collector that takes spans by OTLP over HTTP, such as http://localhost:4318; without it none are recorded",
  },
  traceHeaders: {
    env: "OTEL_EXPORTER_OTLP_HEADERS",
    schema: headers,
    secret: true,
    doc: "headers for the collector, such as an API key",
  },
  traceRatio: { env: "TRACE_RATIO", schema: part("0.1"), doc: "part of the traces that begin here to record" },
  drainMs: { env: "SHUTDOWN_DRAIN", schema: duration("20s"), doc: "how long requests in flight may take at the end" },
} as const;

/** Settings is the storefront's configuration, as `loadSettings` found it valid. */
export type Settings = Loaded<typeof FIELDS>;

/** loadSettings reads the environment and, if there is one, `.env`; it throws one error that lists every problem. */
export function loadSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  return loadConfig(FIELDS, { env, files: [".env"] });
}

/** wantsDemoData says whether to add the demo data: never to a database of the user's own unless asked for. */
export function wantsDemoData({ demoData, databaseUrl }: Settings): boolean {
  return demoData === undefined ? databaseUrl === undefined : demoData === "true";
}
