import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";

const MAIN = join(import.meta.dirname, "../../cmd/api/main.ts");
const timeout = 60_000;

// What is wrong with each variable, and what the screen says of it. A process is given the n-th of each.
const wrong: Record<string, [value: string, want: string][]> = {
  HOST: [
    ["http://localhost", "must be an address or a name, without scheme and port"],
    ["localhost:8080", "must be an address or a name"],
    ["::1", 'IPv6 as "[::1]"'],
  ],
  PORT: [
    ["abc", "must be a whole number, 0 to 65535"],
    ["70000", "must be a whole number, 0 to 65535"],
    [" ", "must be a whole number, 0 to 65535"],
  ],
  DATABASE_URL: [
    ["mysql://u:hunter22@h/d", "must be a URL, as below"],
    ["postgres://u:hunter22@h:99999/d", "must be a URL, as below"],
    ["localhost hunter22", "must be a URL, as below"],
  ],
  DATABASE_MAX_CONNS: [
    ["1", "must be a whole number, 2 to 500"],
    ["many", "must be a whole number, 2 to 500"],
    ["0x50", "must be a whole number, 2 to 500"],
  ],
  DEMO_DATA: [
    ["yes", 'expected one of "true"|"false"'],
    ["TRUE", 'expected one of "true"|"false"'],
  ],
  LOG_LEVEL: [
    ["verbose", 'expected one of "debug"|"info"|"warn"|"error"'],
    ["INFO", 'expected one of "debug"|"info"|"warn"|"error"'],
  ],
  LOG_FORMAT: [["xml", 'expected one of "pretty"|"json"']],
  TRUSTED_PROXIES: [
    ["10.0.0.0/33", '"10.0.0.0/33" is no address and no CIDR range'],
    ["10.0.0.0/8, proxy.local", '"proxy.local" is no address and no CIDR range'],
  ],
  REQUEST_TIMEOUT: [
    ["15", 'must be a duration such as "500ms"'],
    ["365d", "must be at most 24 days"],
  ],
  ADMIN_ADDR: [
    ["6060", 'must be "HOST:PORT"'],
    ["localhost:66000", 'must be "HOST:PORT"'],
    ["http://localhost:6060", 'must be "HOST:PORT"'],
  ],
  ADMIN_TOKEN: [["hunter22", "must have at least 16 characters"]],
  ADMIN_HOSTS: [["storefront:6060", "must be names without ports"]],
  OTEL_EXPORTER_OTLP_ENDPOINT: [
    ["collector:4318", "must be a URL of a collector"],
    ["grpc://collector:4317", "must be a URL of a collector"],
  ],
  OTEL_EXPORTER_OTLP_HEADERS: [
    ["hunter22", "must be NAME=VALUE pairs"],
    ["api-key=%hunter22", "must be NAME=VALUE pairs"],
  ],
  TRACE_RATIO: [
    ["10%", "must be a number from 0 to 1"],
    ["1.5", "must be a number from 0 to 1"],
  ],
  SHUTDOWN_DELAY: [["-1s", 'must be a duration such as "500ms"']],
  SHUTDOWN_DRAIN: [
    ["forever", 'must be a duration such as "500ms"'],
    ["30d", "must be at most 24 days"],
  ],
};

const SECRET: ReadonlySet<string> = new Set(["ADMIN_TOKEN", "DATABASE_URL", "OTEL_EXPORTER_OTLP_HEADERS"]);

const round = (n: number): [string, string, string][] =>
  Object.entries(wrong).flatMap(([variable, values]) => {
    const [value, want] = values[n] ?? [];
    return value === undefined || want === undefined ? [] : [[variable, value, want]];
  });

function folder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "storefront-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

async function start(
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ["--conditions=@millrace/source", MAIN], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, stdout, stderr };
}

for (const { n, from } of [
  { n: 0, from: "environment" },
  { n: 1, from: "environment" },
  { n: 2, from: ".env" },
]) {
  const cases = round(n);
  test(`${cases.length} wrong variables are one screen, from ${from}: ${n}`, { timeout }, async () => {
    using dir = folder();
    const variables = Object.fromEntries(cases.map(([variable, value]) => [variable, value]));
    const lines = cases.map(([variable, value]) => `${variable}="${value}"\n`);
    if (from === ".env") writeFileSync(join(dir.path, ".env"), lines.join(""));
    const { code, stdout, stderr } = await start(dir.path, from === ".env" ? {} : variables);
    assert.deepEqual([code, stdout], [78, ""], stderr);
    assert.ok(stderr.startsWith(`config: ${cases.length} problems with the configuration:\n\n`), stderr);
    for (const [variable, value, want] of cases) {
      const got = SECRET.has(variable) ? `a secret of ${value.length} characters` : JSON.stringify(value);
      const said = stderr.split(`\n  ${variable} is ${got}, from ${from}\n    `)[1];
      assert.ok(said?.split("\n", 1)[0]!.includes(want), `${variable}: ${stderr}`);
    }
    assert.doesNotMatch(stderr, /\n {4}at |hunter22/);
    // The variable, what is wrong, and what it is for.
    assert.ok(stderr.split("\n").length <= 3 * cases.length + 4, stderr);
    // Nothing has begun: no folder for a database.
    assert.deepEqual(readdirSync(dir.path), from === ".env" ? [".env"] : []);
  });
}

test("a .env that cannot be read is a problem beside the others", { timeout }, async () => {
  using dir = folder();
  mkdirSync(join(dir.path, ".env"));
  const { code, stderr } = await start(dir.path, { PORT: "-1" });
  assert.equal(code, 78);
  assert.match(stderr, /^config: 2 problems [^\n]*\n\n {2}\.env is not readable\n {4}EISDIR[^\n]*\n {2}PORT is "-1"/);
});
