import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Router, text } from "../http/index.ts";
import { FakeExchange } from "../http/testing/fake-exchange.ts";
import { accessLog } from "./access-log.ts";
import { LineSink } from "./line-sink.ts";

function setup(): { fd: number; read: () => string } & Disposable {
  const dir = mkdtempSync(join(tmpdir(), "millrace-access-"));
  const file = join(dir, "access.log");
  const fd = openSync(file, "a");
  return {
    fd,
    read: () => readFileSync(file, "utf8"),
    [Symbol.dispose]: () => {
      closeSync(fd);
      rmSync(dir, { recursive: true });
    },
  };
}

async function eventually(check: () => boolean): Promise<void> {
  for (const end = performance.now() + 5000; !check();) {
    assert.ok(performance.now() < end, "not in time");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("one line for each request, in JSON whatever the request holds, without the query", async () => {
  using file = setup();
  const exchange = new FakeExchange({ url: '/a/%22"\\\u0001é?token=secret' });
  await exchange.call(
    new Router()
      .use(accessLog({ fd: file.fd }))
      .get("/a/:b", () => text("ok"))
      .handler(),
  );
  Object.assign(exchange, { status: 200, durationMs: 1.23456, endedAt: 1_700_000_000_123.4, sentBytes: 2 });
  for (const hook of exchange.traits.hooks) hook(exchange, exchange, exchange);
  await eventually(() => file.read().endsWith("\n"));
  assert.deepEqual(JSON.parse(file.read()), {
    level: "info",
    time: "2023-11-14T22:13:20.123Z",
    msg: "request",
    request_id: "test-id",
    method: "GET",
    path: '/a/%22"\\\u0001é',
    route: "/a/:b",
    status: 200,
    duration_ms: 1.235,
    bytes: 2,
    client_ip: "192.0.2.1",
  });
});

test("lines are written in order, none twice, also when a flush comes in between", async () => {
  using file = setup();
  const sink = new LineSink(file.fd, (count) => `dropped ${count}\n`);
  const want: string[] = [];
  for (let i = 0; i < 3000; i++) {
    want.push(`line ${i} ${"x".repeat(50)}`);
    sink.add(`${want[i]}\n`);
  }
  await eventually(() => file.read() !== "");
  sink.add("last\n");
  sink.flush();
  assert.equal(
    file
      .read()
      .split("\n")
      .filter((line) => line === "last").length,
    1,
  );
  const lines = file.read().trimEnd().split("\n");
  assert.equal(new Set(lines).size, lines.length);
  assert.deepEqual(lines.slice(0, -1), want);
});

test("a destination that blocks loses lines, which are counted and told of, and blocks nobody", async () => {
  // The other end of the pipe does not read until it is told to, and then gives back all that it got.
  const reader = spawn(process.execPath, [
    "-e",
    'process.on("SIGUSR2", () => process.stdin.pipe(process.stdout)); setInterval(() => 0, 1000); process.stderr.write("up")',
  ]);
  try {
    await once(reader.stderr, "data");
    // What spawn made is a socket of the system; its number is what the sink needs.
    const { fd } = (reader.stdin as unknown as { _handle: { fd: number } })._handle;
    const sink = new LineSink(fd, (count) => `dropped ${count}\n`);
    const begin = performance.now();
    for (let i = 0; i < 40_000; i++) sink.add(`${"x".repeat(99)}\n`);
    assert.ok(performance.now() - begin < 1000);
    assert.ok(sink.dropped > 10_000, `${sink.dropped} dropped`);
    let got = "";
    reader.stdout.on("data", (chunk: Buffer) => (got += chunk.toString()));
    reader.kill("SIGUSR2");
    await eventually(() => /^dropped \d+$/m.test(got));
    const dropped = Number(/^dropped (\d+)$/m.exec(got)?.[1]);
    await eventually(() => got.split("\n").filter((line) => line.startsWith("x")).length === 40_000 - dropped);
  } finally {
    reader.kill("SIGKILL");
  }
});

test("what waits is written when the process exits", async () => {
  using file = setup();
  const sinkUrl = new URL("line-sink.ts", import.meta.url).href;
  const child = spawn(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `import { LineSink } from ${JSON.stringify(sinkUrl)}; const s = new LineSink(3, () => "");` +
        ` process.once("exit", () => s.flush()); s.add("a line\\n");`,
    ],
    { stdio: ["ignore", "inherit", "inherit", file.fd] },
  );
  await once(child, "exit");
  assert.equal(file.read(), "a line\n");
});
