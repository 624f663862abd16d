import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { connect } from "node:http2";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text as textOf } from "node:stream/consumers";
import { test } from "node:test";
import { background, sleep, withTimeout } from "millrace/context";
import { Router, json, text } from "millrace/http";
import { listen } from "millrace/http/node";

const ctx = background;
const PROGRAM = join(import.meta.dirname, "http-server.example.ts");

test("a server with limits of its own", async () => {
  const router = new Router().get("/", () => text("hello"));

  await using server = await listen(ctx, {
    addr: "127.0.0.1:0",
    handler: router,
    bodyLimit: 64 * 1024,
    requestDeadlineMs: 5000,
    maxConnections: 1000,
  });

  assert.equal(await (await fetch(server.url)).text(), "hello");
  await assert.rejects(listen(ctx, { addr: "127.0.0.1:0", handler: router, bodyLimit: -1 }), /bodyLimit/);
});

test(
  "a certificate from files",
  { skip: hasOpenssl() ? false : "needs openssl: apt-get install openssl" },
  async (t) => {
    const dir = mkdtempSync(join(tmpdir(), "millrace-guide-"));
    t.after(() => rmSync(dir, { recursive: true }));
    const [certFile, keyFile] = [join(dir, "tls.crt"), join(dir, "tls.key")];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyFile];
    execFileSync("openssl", ["req", "-x509", ...key, "-out", certFile, "-days", "2", "-subj", "/CN=x"], {
      stdio: "ignore",
    });
    const router = new Router().get("/", (_ctx, req) => json({ url: req.web.url }));

    await using server = await listen(ctx, {
      addr: "127.0.0.1:0",
      handler: router,
      tls: { certFile, keyFile }, // read again when they change
    });

    server.reloadTls(); // at once, for instance after a renewal that this process has made itself
    const session = connect(server.url, { rejectUnauthorized: false });
    assert.deepEqual(JSON.parse(await textOf(session.request({ ":path": "/" }))), { url: `${server.url}/` });
    session.close();
  },
);

test("a shutdown answers what was accepted", async () => {
  const begun = Promise.withResolvers<void>();
  const router = new Router().get("/", async (ctx) => {
    begun.resolve();
    await sleep(ctx, 50);
    return text("done");
  });
  const server = await listen(ctx, { addr: "127.0.0.1:0", handler: router, idleGraceMs: 50 });
  const answer = fetch(server.url);
  await begun.promise;

  using limit = withTimeout(ctx, 15_000);
  const { forced, unsettled } = await server.shutdown(limit);

  assert.equal(await (await answer).text(), "done");
  assert.deepEqual([forced, unsettled], [0, 0]);
});

test("several processes, and a rolling restart", { timeout: 60_000 }, async () => {
  const port = await freePort();
  const child = spawn(process.execPath, ["--conditions=@millrace/source", PROGRAM], {
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  try {
    await ready(child, 3);
    const before = new Set<number>();
    while (before.size < 2) before.add(await pidAt(port));
    child.kill("SIGHUP");
    while (before.has(await pidAt(port)));
    child.kill("SIGINT");
    assert.deepEqual(await exit, [0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});

// Each of the processes says that it is ready.
async function ready(child: ChildProcess, processes: number): Promise<void> {
  let left = processes;
  for await (const line of createInterface(child.stdout!)) if (line.includes("app: ready") && --left === 0) break;
  child.stdout!.resume();
}

// On a connection of its own.
function pidAt(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", agent: false }, (res) => {
      textOf(res).then((body) => resolve((JSON.parse(body) as { pid: number }).pid), reject);
    }).on("error", reject);
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
