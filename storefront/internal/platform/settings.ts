import { type Settings as Loaded, loadConfig } from "millrace/config";
import { clientIp } from "millrace/middleware";
import { parseDuration } from "millrace/time";
import { z } from "zod";

// Numbers are written in digits: z.coerce would take " " for 0 and "0x50" for 80.
const whole = (min: number, max: number, fallback: number) =>
  z
    .string()
    .refine((text) => /^\d+$/.test(text) && +text >= min && +text <= max, `must be a whole number, ${min} to ${max}`)
    .default(String(fallback))
    .transform(Number);

// What a timer can wait; nobody means more.
const MAX_DURATION_MS = parseDuration("24d");

const duration = (fallback: string) =>
  z
    .string()
    .regex(/^(0|(\d+(\.\d+)?(ms|[smhd]))+)$/, 'must be a duration such as "500ms" or "1m30s"')
    .default(fallback)
    .transform(parseDuration)
    .refine((ms) => ms <= MAX_DURATION_MS, "must be at most 24 days");

const ranges = z
  .string()
  .default("")
  .transform((text, { issues }) => {
    const trusted = text.split(",").flatMap((range) => range.trim() || []);
    try {
      clientIp({ trusted });
    } catch (err) {
      issues.push({ code: "custom", message: (err as Error).message, input: text });
    }
    return trusted;
  });

const FIELDS = {
  host: {
    env: "HOST",
    schema: z
      .string()
      .regex(/^([\w.-]+|\[[\da-fA-F:.]+\])$/, 'must be an address or a name, without scheme and port; IPv6 as "[::1]"')
      .default("127.0.0.1"),
    doc: "address to listen on",
  },
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
