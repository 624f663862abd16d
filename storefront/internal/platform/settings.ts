import { type Settings as Loaded, loadConfig } from "millrace/config";
import { parseDuration } from "millrace/time";
import { z } from "zod";

const duration = (fallback: string) =>
  z
    .string()
    .regex(/^(0|(\d+(\.\d+)?(ms|[smhd]))+)$/, 'must be a duration such as "500ms" or "1m30s"')
    .default(fallback)
    .transform(parseDuration);

const FIELDS = {
  host: { env: "HOST", schema: z.string().min(1).default("127.0.0.1"), doc: "address to listen on" },
  port: { env: "PORT", schema: z.coerce.number().int().min(0).max(65_535).default(8080), doc: "port, 0 for any" },
  databaseUrl: {
    env: "DATABASE_URL",
    schema: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    secret: true,
    doc: "a PostgreSQL 14 to 18; without it the embedded one is used",
  },
  dataDir: { env: "DATA_DIR", schema: z.string().min(1).default(".data"), doc: "folder of the embedded database" },
  demoData: {
    env: "DEMO_DATA",
    schema: z.enum(["true", "false"]).optional(),
    doc: "whether to add a few users, accounts, posts and orders, once; default: only to the embedded database",
  },
  maxConns: { env: "DATABASE_MAX_CONNS", schema: z.coerce.number().int().min(2).max(500).default(10) },
  logLevel: { env: "LOG_LEVEL", schema: z.enum(["debug", "info", "warn", "error"]).default("info") },
  logFormat: { env: "LOG_FORMAT", schema: z.enum(["pretty", "json"]).default("pretty") },
  trustedProxies: {
    env: "TRUSTED_PROXIES",
    schema: z
      .string()
      .default("")
      .transform((text) => text.split(",").filter((range) => range !== "")),
    doc: "addresses and CIDR ranges whose X-Forwarded-For is believed, separated by commas",
  },
  requestTimeoutMs: { env: "REQUEST_TIMEOUT", schema: duration("15s"), doc: "how long a request may take" },
  readyDelayMs: { env: "SHUTDOWN_DELAY", schema: duration("0"), doc: "how long load balancers need to notice" },
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
