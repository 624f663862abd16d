import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { once } from "node:events";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { compress, etag } from "../middleware/index.ts";
import { type FileOptions, Router, file, staticFiles } from "./index.ts";
import { rawClient } from "./node/testing/raw-client.ts";
import { serve } from "./node/testing/setup.ts";

const CONTENT = "0123456789".repeat(10);

function setup(): { dir: string } & Disposable {
  const top = mkdtempSync(join(tmpdir(), "millrace-file-"));
  const dir = join(top, "dir");
  mkdirSync(join(dir, "sub"), { recursive: true });
  mkdirSync(join(dir, "bare"));
  writeFileSync(join(dir, "a.txt"), CONTENT);
  writeFileSync(join(dir, "empty.txt"), "");
  writeFileSync(join(dir, "large.bin"), Buffer.alloc(5_000_000, "x"));
  writeFileSync(join(dir, ".env"), "secret");
  writeFileSync(join(dir, "sub/index.html"), "<p>sub</p>");
  writeFileSync(join(dir, "index.html"), "<p>top</p>");
  writeFileSync(join(dir, "app-BQk3x9Zd.js"), "let a;".repeat(500));
  writeFileSync(join(dir, "app-BQk3x9Zd.js.br"), brotliCompressSync("let a;".repeat(500)));
  writeFileSync(join(dir, "app-BQk3x9Zd.js.gz"), gzipSync("let a;".repeat(500)));
  writeFileSync(join(top, "outside.txt"), "secret");
  symlinkSync(join(dir, "a.txt"), join(dir, "inside.txt"));
  symlinkSync(join(top, "outside.txt"), join(dir, "link.txt"));
  symlinkSync(top, join(dir, "up"));
  execFileSync("mkfifo", [join(dir, "pipe.txt")]);
  utimesSync(join(dir, "a.txt"), 784_111_777, 784_111_777);
  return { dir, [Symbol.dispose]: () => rmSync(top, { recursive: true }) };
}

// How many files under a folder this process has open.
function openFiles(dir: string): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return execFileSync("readlink", [`/proc/${process.pid}/fd/${fd}`])
        .toString()
        .startsWith(dir);
    } catch {
      return false;
    }
  }).length;
}

async function closed(dir: string): Promise<void> {
  for (const end = performance.now() + 5000; openFiles(dir) > 0;) {
    assert.ok(performance.now() < end, "a file is left open");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("a file, its conditions and its ranges", async (t) => {
  using files = setup();
  const path = join(files.dir, "a.txt");
  await using up = await serve(new Router().get("/", (ctx, req) => file(ctx, req, path)));
  const first = await fetch(up.server.url);
  assert.equal(await first.text(), CONTENT);
  const tag = first.headers.get("etag")!;
  const date = "Sun, 06 Nov 1994 08:49:37 GMT";
  const at = (name: string): string | null => first.headers.get(name);
  assert.deepEqual(
    [at("content-type"), at("content-length"), at("last-modified"), at("accept-ranges")],
    ["text/plain; charset=utf-8", "100", date, "bytes"],
  );
  const cases: { headers: Record<string, string>; method?: string; status: number; body?: string; range?: string }[] = [
    { headers: {}, method: "HEAD", status: 200, body: "" },
    { headers: { "if-none-match": tag }, status: 304, body: "" },
    { headers: { "if-modified-since": date }, status: 304, body: "" },
    { headers: { "if-match": '"other"' }, status: 412, body: "" },
    { headers: { "if-match": tag }, status: 200, body: CONTENT },
    { headers: { "if-unmodified-since": "Sun, 06 Nov 1994 08:49:36 GMT" }, status: 412, body: "" },
    { headers: { range: "bytes=5-14" }, status: 206, body: "5678901234", range: "bytes 5-14/100" },
    { headers: { range: "bytes=-3" }, status: 206, body: "789", range: "bytes 97-99/100" },
    { headers: { range: "bytes=100-" }, status: 416, body: "", range: "bytes */100" },
    { headers: { range: "bytes=5-14" }, method: "HEAD", status: 200, body: "" },
    { headers: { range: "bytes=0-4", "if-range": tag }, status: 206, body: "01234" },
    { headers: { range: "bytes=0-4", "if-range": date }, status: 206, body: "01234" },
    { headers: { range: "bytes=0-4", "if-range": `W/${tag}` }, status: 200, body: CONTENT },
    { headers: { range: "bytes=0-4", "if-range": '"old"' }, status: 200, body: CONTENT },
    { headers: { range: "bytes=0-4", "if-none-match": tag }, status: 304, body: "" },
  ];
  for (const { headers, method = "GET", status, body, range } of cases) {
    await t.test(`${method} ${JSON.stringify(headers)}`, async () => {
      const res = await fetch(up.server.url, { headers, method });
      assert.deepEqual([res.status, await res.text()], [status, body]);
      assert.equal(res.headers.get("etag"), tag);
      if (range !== undefined) assert.equal(res.headers.get("content-range"), range);
      if (method === "HEAD") assert.equal(res.headers.get("content-length"), "100");
    });
  }
  await t.test("several ranges", async () => {
    const res = await fetch(up.server.url, { headers: { range: "bytes=0-1,50-52" } });
    assert.equal(res.status, 206);
    const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(res.headers.get("content-type")!)?.[1];
    const head = (range: string): string =>
      `--${boundary}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-range: bytes ${range}/100\r\n\r\n`;
    assert.equal(await res.text(), `${head("0-1")}01\r\n${head("50-52")}012\r\n--${boundary}--\r\n`);
  });
  assert.deepEqual(up.logged, []);
  await closed(files.dir);
});

test("only plain files below root exist", async (t) => {
  using files = setup();
  let options: FileOptions = { root: files.dir };
  const router = new Router().get("/**:path", (ctx, req) => file(ctx, req, req.params.path ?? "", options));
  await using up = await serve(router);
  const status = async (path: string): Promise<number> => {
    using client = await rawClient(up.server.addr);
    client.send(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    return Number(/^HTTP\/1.1 (\d+)/.exec(await client.end())?.[1]);
  };
  const cases: [path: string, want: number][] = [
    ["/a.txt", 200],
    ["/sub/index.html", 200],
    ["/empty.txt", 200],
    ["/inside.txt", 200],
    ["/link.txt", 404],
    ["/up/outside.txt", 404],
    ["/up/dir/a.txt", 200],
    ["/../outside.txt", 404],
    ["/sub/../a.txt", 404],
    ["/%2e%2e/outside.txt", 404],
    ["/..%2foutside.txt", 404],
    ["/sub/..%2f..%2foutside.txt", 404],
    ["/..%5coutside.txt", 404],
    ["/a.txt%00", 404],
    ["/a.txt%00.html", 404],
    ["/.env", 404],
    ["/sub/.env", 404],
    ["/sub", 404],
    ["/pipe.txt", 404],
    ["/nothing", 404],
    ["/a.txt/x", 404],
    [`/${"a".repeat(300)}`, 404],
    ["/%ff", 400],
  ];
  for (const [path, want] of cases) await t.test(path.slice(0, 40), async () => assert.equal(await status(path), want));
  options = { root: files.dir, download: 'ä "b".txt', type: "text/x" };
  const res = await fetch(`${up.server.url}/a.txt`);
  assert.equal(
    res.headers.get("content-disposition"),
    `attachment; filename="_ _b_.txt"; filename*=UTF-8''%C3%A4%20%22b%22.txt`,
  );
  assert.equal(res.headers.get("content-type"), "text/x");
  await res.text();
  assert.deepEqual(up.logged, []);
  await closed(files.dir);
});

test("no file is left open when the client goes, or nobody wants the body", async () => {
  using files = setup();
  const large = join(files.dir, "large.bin");
  const router = new Router()
    .get("/", (ctx, req) => file(ctx, req, large))
    .with(compress(), etag())
    .get("/text", (ctx, req) => file(ctx, req, large, { type: "text/plain" }));
  await using up = await serve(router);
  for (const path of ["/", "/text"]) {
    for (const method of ["GET", "HEAD"]) {
      const req = get(up.server.url + path, { method, agent: false, headers: { "accept-encoding": "gzip" } });
      req.on("error", () => undefined);
      await once(req, "response");
      req.destroy();
    }
    const res = await fetch(up.server.url + path, { headers: { "accept-encoding": "gzip" } });
    assert.equal((await res.bytes()).length, 5_000_000);
  }
  await closed(files.dir);
});

test("a folder", async (t) => {
  using files = setup();
  const router = new Router().get("/s/**", staticFiles(files.dir));
  await using up = await serve(router);
  const ask = async (path: string, headers: Record<string, string> = {}): Promise<Response> => {
    const res = await fetch(up.server.url + path, { headers, redirect: "manual" });
    await res.clone().text();
    return res;
  };
  const cases: {
    path: string;
    headers?: Record<string, string>;
    status: number;
    want?: Record<string, string | null>;
  }[] = [
    { path: "/s/a.txt", status: 200, want: { "cache-control": "no-cache", vary: "accept-encoding" } },
    { path: "/s/", status: 200, want: { "content-type": "text/html; charset=utf-8" } },
    { path: "/s/sub/", status: 200, want: { "content-length": "10" } },
    { path: "/s/sub", status: 308, want: { location: "./sub/" } },
    { path: "/s/sub?q=1", status: 308, want: { location: "./sub/?q=1" } },
    { path: "/s", status: 308, want: { location: "./s/" } },
    { path: "/s/bare", status: 404 },
    { path: "/s/bare/", status: 404 },
    { path: "/s/up", status: 404 },
    { path: "/s/%2e%2e/", status: 404 },
    { path: "/s/.env", status: 404 },
    {
      path: "/s/app-BQk3x9Zd.js",
      headers: { "accept-encoding": "gzip, br" },
      status: 200,
      want: {
        "content-encoding": "br",
        "content-type": "text/javascript; charset=utf-8",
        "cache-control": "public, max-age=31536000, immutable",
      },
    },
    {
      path: "/s/app-BQk3x9Zd.js",
      headers: { "accept-encoding": "gzip" },
      status: 200,
      want: { "content-encoding": "gzip" },
    },
    {
      path: "/s/app-BQk3x9Zd.js",
      headers: { "accept-encoding": "br;q=0" },
      status: 200,
      want: { "content-encoding": null },
    },
  ];
  for (const { path, headers, status, want = {} } of cases) {
    await t.test(`${path} ${JSON.stringify(headers ?? {})}`, async () => {
      const res = await ask(path, headers);
      assert.equal(res.status, status);
      for (const [name, value] of Object.entries(want)) assert.equal(res.headers.get(name), value, name);
    });
  }
  await t.test("what comes compressed is the same", async () => {
    const res = await fetch(`${up.server.url}/s/app-BQk3x9Zd.js`, { headers: { "accept-encoding": "br" } });
    assert.equal(await res.text(), "let a;".repeat(500));
    const again = await ask("/s/app-BQk3x9Zd.js", {
      "accept-encoding": "br",
      "if-none-match": res.headers.get("etag")!,
    });
    assert.equal(again.status, 304);
  });
  assert.deepEqual(up.logged, []);
  await closed(files.dir);
});
