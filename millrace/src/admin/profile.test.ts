import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { background, sleep, withTimeout } from "../context/index.ts";
import { type Opened, open } from "./testing/setup.ts";

const GO = ["/usr/local/go/bin/go", "/usr/lib/go/bin/go", "/usr/bin/go"].find((path) => existsSync(path));
const WITH_GO = { skip: GO === undefined ? "needs go: apt-get install golang-go" : false };

interface Call {
  readonly functionName: string;
  readonly url: string;
}

function spinForProfile(ms: number): number {
  let x = 0;
  for (const until = performance.now() + ms; performance.now() < until;)
    for (let i = 0; i < 1000; i++) x += Math.sqrt(i);
  return x;
}

const hoard: object[] = [];

function hoardForProfile(): void {
  for (let i = 0; i < 100; i++) hoard.push(Array.from({ length: 100 }, (_, j) => ({ j })));
}

// Works as a busy process does: for a while, again and again.
function busy(work: () => void): Disposable {
  const timer = setInterval(work, 10);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

// Waits until a profile is being taken, or none is.
async function profiling(up: Opened, wanted: boolean): Promise<void> {
  using limit = withTimeout(background, 10_000);
  for (;;) {
    const { requests } = (await up.ask("/debug/tasks?format=json")).json() as { requests: { route: string }[] };
    if (requests.some(({ route }) => route.startsWith("/debug/pprof/")) === wanted) return;
    await sleep(limit, 5);
  }
}

async function pprofSays(profile: Buffer, ...args: readonly string[]): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "pprof-"));
  try {
    await writeFile(join(dir, "profile.pb.gz"), profile);
    const { stdout } = await promisify(execFile)(GO!, ["tool", "pprof", ...args, join(dir, "profile.pb.gz")]);
    return stdout;
  } finally {
    await rm(dir, { recursive: true });
  }
}

describe("a CPU profile names what burns it", () => {
  test("as .cpuprofile", async () => {
    await using up = await open();
    using _busy = busy(() => spinForProfile(8));
    const answer = await up.ask("/debug/pprof/profile?seconds=1");
    assert.equal(answer.status, 200);
    assert.match(
      answer.headers["content-disposition"] ?? "",
      /^attachment; filename="cpu-\d+-\d{8}T\d{6}\.cpuprofile"$/,
    );
    const profile = answer.json() as {
      nodes: { callFrame: Call; hitCount: number }[];
      samples: unknown[];
      timeDeltas: unknown[];
    };
    assert.equal(profile.samples.length, profile.timeDeltas.length);
    const hits = profile.nodes
      .filter(({ callFrame }) => callFrame.functionName === "spinForProfile")
      .reduce((sum, { hitCount }) => sum + hitCount, 0);
    assert.ok(hits > 20, `${hits} of ${profile.samples.length}`);
    assert.ok(profile.nodes.some(({ callFrame }) => callFrame.url.endsWith("admin/profile.test.ts")));
  });

  test("as pprof, which go tool pprof reads", WITH_GO, async () => {
    await using up = await open();
    using _busy = busy(() => spinForProfile(8));
    const answer = await up.ask("/debug/pprof/profile?seconds=1&format=pprof");
    assert.equal(answer.headers["content-type"], "application/octet-stream");
    const top = await pprofSays(answer.bytes, "-top");
    assert.match(top, /^Type: cpu$/m);
    assert.match(top, /^Duration: 1\.\d+s, Total samples = /m);
    // Its own time is the most there is.
    assert.match(top, /flat% .*\n *[\d.]+m?s [^\n]* spinForProfile$/m);
  });

  test("as a flame graph that runs nothing but its own script", async () => {
    await using up = await open();
    const work = {
      '<script>alert(1)</script>" onload="x': (): number => spinForProfile(8),
    };
    using _busy = busy(Object.values(work)[0]!);
    const { headers, text } = await up.ask("/debug/pprof/profile?seconds=1&format=html");
    assert.match(headers["content-type"] ?? "", /^text\/html/);
    assert.match(text, /<text x="3" y="13">spinForProfile<\/text>/);
    assert.match(text, /&lt;script&gt;alert\(1\)&lt;\/script&gt;&quot; onload=&quot;x/);
    assert.doesNotMatch(text, /<script>|onload="/);
    const csp = String(headers["content-security-policy"]);
    const [, nonce] = /script-src 'nonce-([^']+)'/.exec(csp) ?? [];
    assert.ok(nonce !== undefined && nonce.length >= 16 && csp.startsWith("default-src 'none'; "));
    assert.deepEqual(
      [...text.matchAll(/<(?:script|style)([^>]*)>/g)].map(([, attr]) => attr),
      [` nonce="${nonce}"`, ` nonce="${nonce}"`],
    );
    // Nothing comes from anywhere else.
    assert.doesNotMatch(text, /\bsrc=|\bhref=|url\(|@import/);
    const again = await up.ask("/debug/pprof/profile?seconds=1&format=html");
    assert.notEqual(String(again.headers["content-security-policy"]), csp);
  });
});

describe("a heap profile names who allocates", () => {
  interface HeapNode {
    readonly callFrame: Call;
    readonly selfSize: number;
    readonly children: readonly HeapNode[];
  }
  const sizeOf = (node: HeapNode): number =>
    node.selfSize + node.children.reduce((sum, child) => sum + sizeOf(child), 0);
  const find = (node: HeapNode): HeapNode | undefined =>
    node.callFrame.functionName === "hoardForProfile"
      ? node
      : node.children.map(find).find((found) => found !== undefined);

  for (const kind of ["heap", "allocs"]) {
    test(`${kind} as .heapprofile`, async () => {
      await using up = await open();
      using _busy = busy(hoardForProfile);
      const answer = await up.ask(`/debug/pprof/${kind}?seconds=1`);
      assert.match(answer.headers["content-disposition"] ?? "", /\.heapprofile"$/);
      const { head } = answer.json() as unknown as { head: HeapNode };
      const found = find(head);
      assert.ok(found !== undefined && sizeOf(found) > 100_000, String(found && sizeOf(found)));
      hoard.length = 0;
    });
  }

  test("as pprof and as a flame graph", WITH_GO, async () => {
    await using up = await open();
    using _busy = busy(hoardForProfile);
    const { bytes } = await up.ask("/debug/pprof/heap?seconds=1&format=pprof");
    assert.match(await pprofSays(bytes, "-top", "-cum"), /^Type: inuse_space$[^]* hoardForProfile$/m);
    assert.match(
      (await up.ask("/debug/pprof/allocs?seconds=1&format=html")).text,
      /<h1>allocs: [\d.]+ [kM]B in 1[^]*hoardForProfile/,
    );
    hoard.length = 0;
  });

  test("a snapshot is whole, and one that its client leaves makes room for the next", async () => {
    await using up = await open();
    const leaving = new AbortController();
    const left = up.ask("/debug/pprof/heap?snapshot=force", { signal: leaving.signal });
    await profiling(up, true);
    leaving.abort();
    await assert.rejects(left);
    await profiling(up, false);
    const { status, headers, bytes } = await up.ask("/debug/pprof/heap?snapshot=force");
    assert.equal(status, 200);
    assert.match(headers["content-disposition"] ?? "", /\.heapsnapshot"$/);
    assert.match(String(bytes.subarray(0, 20)), /^\{"snapshot":/);
    assert.match(String(bytes.subarray(-200)).trim(), /\]\}$/);
  });
});

test("a snapshot that there is no memory for is refused, unless it is wanted all the same", async (t) => {
  await using up = await open();
  const available = t.mock.method(process, "availableMemory", () => 1e6);
  const refused = await up.ask("/debug/pprof/heap?snapshot=1");
  assert.deepEqual([refused.status, refused.json()["reason"]], [409, "admin/too_little_memory"]);
  assert.match(
    String(refused.json()["detail"]),
    /heap of \d+ MB may take \d+ MB, and there are 1 MB: \?snapshot=force/,
  );
  assert.equal((await up.ask("/debug/pprof/heap?snapshot=force")).status, 200);
  available.mock.mockImplementation(() => 1e12);
  assert.equal((await up.ask("/debug/pprof/heap?snapshot=1")).status, 200);
});

test("one profile is taken at a time, and one whose client has gone ends at once", async () => {
  await using up = await open();
  const leaving = new AbortController();
  const left = up.ask("/debug/pprof/profile?seconds=120", { signal: leaving.signal });
  await profiling(up, true);
  for (const path of ["profile?seconds=1", "heap?seconds=1", "allocs?seconds=1", "heap?snapshot=force"]) {
    const refused = await up.ask(`/debug/pprof/${path}`);
    assert.deepEqual([refused.status, refused.json()["reason"]], [409, "admin/profile_running"]);
    assert.match(String(refused.json()["detail"]), /\(cpu\) is being taken, for about 1\d\d s more/);
  }
  // It is the profiles that wait for each other, and nothing else.
  assert.equal((await up.ask("/debug/tasks")).status, 200);
  leaving.abort();
  await assert.rejects(left);
  await profiling(up, false);
  assert.equal((await up.ask("/debug/pprof/profile?seconds=1")).status, 200);
});

test("a profile that is being taken does not hold up the end", async () => {
  const up = await open();
  const cut = up.ask("/debug/pprof/profile?seconds=120");
  await profiling(up, true);
  const begin = performance.now();
  await up.admin[Symbol.asyncDispose]();
  assert.ok(performance.now() - begin < 10_000);
  assert.equal((await cut).status, 503);
});

test("seconds and format have bounds", async () => {
  await using up = await open();
  const seconds = "must be a whole number from 1 to 120";
  const cases = [
    ...["0", "121", "-1", "1.5", "x", "", "1e2", "9999999999"].map((value) => [`profile?seconds=${value}`, seconds]),
    ["heap?seconds=0", seconds],
    ["profile?format=svg", "must be one of cpuprofile, pprof, html"],
    ["heap?format=cpuprofile", "must be one of heapprofile, pprof, html"],
    ["heap?snapshot=yes", "must be one of 0, 1, force"],
  ] as const;
  for (const [path, want] of cases) {
    const answer = await up.ask(`/debug/pprof/${path}`);
    const [issue] = answer.json()["issues"] as { message: string }[];
    assert.deepEqual([answer.status, issue?.message], [400, want], path);
  }
});
