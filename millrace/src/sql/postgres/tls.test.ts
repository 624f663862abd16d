import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { background, withTimeout } from "../../context/index.ts";
import { openPool } from "../index.ts";
import { hasServer, startCluster } from "../testing/cluster.ts";
import { eventually } from "../testing/database.ts";
import { postgres } from "./index.ts";

const skip = hasServer() ? false : "needs postgresql and openssl: apt-get install postgresql openssl";

// A certificate authority, and what it made for a server called localhost.
function certificates(dir: string): void {
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: dir, stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  for (const ca of ["ca", "other"]) {
    openssl("req", "-x509", ...key, "-keyout", `${ca}.key`, "-out", `${ca}.crt`, "-days", "2", "-subj", `/CN=${ca}`);
  }
  openssl(
    "req",
    ...key,
    "-keyout",
    "server.key",
    "-out",
    "server.csr",
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost",
  );
  openssl(
    "x509",
    "-req",
    "-in",
    "server.csr",
    "-CA",
    "ca.crt",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-out",
    "server.crt",
    "-days",
    "2",
    "-copy_extensions",
    "copy",
  );
}

test("TLS by sslmode, on a server that has it and on one that has not", { skip }, async () => {
  const dir = mkdtempSync(join(tmpdir(), "millrace-tls-"));
  await using owned = new AsyncDisposableStack();
  owned.defer(() => rmSync(dir, { recursive: true, force: true }));
  certificates(dir);
  const file = (name: string): string => readFileSync(join(dir, name), "utf8");
  // In a file, so that the server can be told otherwise later.
  const config = { "postgresql.auto.conf": "ssl = on\n" };
  const files = { ...config, "server.crt": file("server.crt"), "server.key": file("server.key") };
  const server = owned.use(await startCluster(files));
  using ctx = withTimeout(background, 60_000);
  const url = (host: string, query: string): string => `postgres://postgres@${host}:${server.port}/postgres?${query}`;
  const ca = `sslrootcert=${join(dir, "ca.crt")}`;
  const other = `sslrootcert=${join(dir, "other.crt")}`;
  const cases: [host: string, query: string, outcome: boolean | RegExp][] = [
    ["localhost", "", true],
    ["localhost", "sslmode=disable", false],
    ["localhost", "sslmode=prefer", true],
    ["127.0.0.1", "sslmode=require", true],
    ["127.0.0.1", `sslmode=require&${ca}`, true],
    ["127.0.0.1", `sslmode=require&${other}`, /TLS \(sslmode=verify-ca\): unable to verify/],
    ["127.0.0.1", `sslmode=verify-ca&${ca}`, true],
    ["127.0.0.1", `sslmode=verify-ca&${other}`, /connect to 127\.0\.0\.1:\d+\/postgres: TLS .*: unable to verify/],
    ["localhost", `sslmode=verify-full&${ca}`, true],
    [
      "127.0.0.1",
      `sslmode=verify-full&${ca}`,
      /127\.0\.0\.1.*TLS \(sslmode=verify-full\): .*does not match certificate/,
    ],
    ["localhost", "sslmode=verify-full", /localhost:\d+\/postgres: TLS \(sslmode=verify-full\): unable to verify/],
    ["localhost", "sslmode=verify-full&sslrootcert=/nowhere.crt", /sslrootcert: ENOENT.*nowhere\.crt/],
  ];
  for (const [host, query, outcome] of cases) {
    if (typeof outcome === "boolean") {
      await using pool = await openPool(ctx, postgres(url(host, query)));
      const { ssl } = await pool.one(ctx, "select ssl from pg_stat_ssl where pid = pg_backend_pid()");
      assert.equal(ssl, outcome, `${host} ${query}`);
    } else {
      const refused = { reason: "sql/tls_failed", retryable: false, message: outcome };
      await assert.rejects(openPool(ctx, postgres(url(host, query))), refused, `${host} ${query}`);
    }
  }

  // Certificates that are no files; the cancel request is encrypted and checked as its connection is.
  const driver = postgres({ url: url("localhost", "sslmode=verify-full"), tls: { ca: file("ca.crt") } });
  await using pool = await openPool(ctx, driver, { maxConns: 1 });
  using short = withTimeout(ctx, 100);
  await assert.rejects(pool.exec(short, "select pg_sleep(60)"), { code: "deadline_exceeded" });
  assert.equal(await pool.exec(ctx, "select 1"), 1);
  assert.equal(pool.stats().closedBroken, 0);
  await eventually(ctx, "the statement is gone", async () => {
    const rows = await pool.many(
      ctx,
      "select from pg_stat_activity where state = 'active' and query ~ '^select pg_sleep'",
    );
    return rows.length === 0;
  });

  await pool.exec(ctx, "alter system set ssl to off");
  await pool.exec(ctx, "select pg_reload_conf()");
  await eventually(ctx, "the server has no TLS any more", async () => {
    await using plain = await openPool(ctx, postgres(url("localhost", "sslmode=prefer")));
    const { ssl } = await plain.one(ctx, "select ssl from pg_stat_ssl where pid = pg_backend_pid()");
    return ssl === false;
  });
  for (const mode of ["require", "verify-full"]) {
    await assert.rejects(openPool(ctx, postgres(url("localhost", `sslmode=${mode}`))), {
      reason: "sql/tls_failed",
      message: /the server does not support TLS/,
    });
  }
});
