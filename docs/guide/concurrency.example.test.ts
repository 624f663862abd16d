import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, test } from "node:test";
import { type Receiver, after, chan, closed, empty, select } from "millrace/chan";
import { type Ctx, background, sleep, withCancel, withTimeout } from "millrace/context";
import { batch, map, merge, pipeline, race, throttle } from "millrace/flow";
import { Mutex, Semaphore } from "millrace/sync";
import { SingleFlight, go, group, runningTasks } from "millrace/task";

afterEach(() => assert.deepEqual(runningTasks(), []));

const NUMBERS = Array.from({ length: 10 }, (_, i) => i);

// --- a task

async function greet(ctx: Ctx, loadName: (ctx: Ctx) => Promise<string>, countOrders: (ctx: Ctx) => Promise<number>) {
  await using name = go(ctx, loadName);
  await using orders = go(ctx, countOrders); // both run now
  return `${await name} has ${await orders} orders`;
}

test("a task is awaited, or canceled where its block ends", async () => {
  assert.equal(
    await greet(
      background,
      async () => "Ada",
      async () => 2,
    ),
    "Ada has 2 orders",
  );
  let canceled = false;
  const failing = async (): Promise<never> => Promise.reject(new Error("no such user"));
  const slow = (ctx: Ctx): Promise<never> =>
    sleep(ctx, 60_000)
      .finally(() => (canceled = true))
      .then(() => assert.fail());
  await assert.rejects(greet(background, failing, slow), /no such user/);
  assert.equal(canceled, true);
});

// --- pipeline

function generate(ctx: Ctx, ...numbers: number[]): Receiver<number> {
  const out = chan<number>();
  go(ctx, async (ctx) => {
    using _ = out; // closed when the task ends, however it ends
    for (const n of numbers) await out.send(ctx, n);
  }).then(null, () => {}); // only the end of ctx stops it, and its receivers see that too
  return out;
}

test("pipeline, by hand", async () => {
  const got: number[] = [];
  for await (const n of generate(background, 2, 3, 4).iter(background)) got.push(n * n);
  assert.deepEqual(got, [4, 9, 16]);
  const ctx = withCancel(background);
  for await (const _ of generate(ctx, 2, 3, 4).iter(ctx)) break;
  ctx.cancel();
  await setImmediate();
});

async function importRows(ctx: Ctx, lines: Iterable<string>, store: (ctx: Ctx, rows: number[]) => Promise<void>) {
  const batches = pipeline(ctx, lines)
    .through((ctx, lines) => map(ctx, lines, { workers: 4, ordered: true }, async (_ctx, line) => Number(line)))
    .through((ctx, rows) => batch(ctx, rows, { size: 100, withinMs: 50 }));
  for await (const rows of batches) await store(ctx, rows);
}

test("pipeline, composed: an error and a break end every stage", async () => {
  const stored: number[][] = [];
  const lines = Array.from({ length: 250 }, (_, i) => String(i));
  await importRows(background, lines, async (_ctx, rows) => void stored.push(rows));
  assert.deepEqual(
    stored.map((rows) => rows.length),
    [100, 100, 50],
  );
  const full = new Error("disk full");
  await assert.rejects(
    importRows(background, lines, () => Promise.reject(full)),
    (err) => err === full,
  );
});

// --- fan-out, fan-in

async function sumOfSquares(ctx: Ctx, numbers: Receiver<number>): Promise<number> {
  const square = (_ctx: Ctx, n: number): number => n * n;
  const left = map(ctx, numbers, { workers: 2 }, square); // both take from one channel: each number goes to one of them
  const right = map(ctx, numbers, { workers: 2 }, square);
  let sum = 0;
  for await (const n of merge(ctx, left, right)) sum += n;
  return sum;
}

test("fan-out and fan-in", async () => {
  assert.equal(await sumOfSquares(background, generate(background, ...NUMBERS)), 285);
});

// --- cancellation

async function firstPage(ctx: Ctx, fetchPage: (ctx: Ctx, signal: AbortSignal) => Promise<string>): Promise<string> {
  using limited = withTimeout(ctx, 2000); // and it ends with ctx, if that ends earlier
  return await fetchPage(limited, limited.signal); // the signal is for those who know no ctx: fetch, node:fs, …
}

test("cancellation reaches everything below", async () => {
  const ctx = withCancel(background);
  const hanging = (inner: Ctx, signal: AbortSignal): Promise<string> =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(inner.err)));
  const page = firstPage(ctx, hanging);
  ctx.cancel(new Error("the client has left"));
  await assert.rejects(page, (err) => err === ctx.err && /client/.test(String((err as Error).cause)));
  assert.equal(await firstPage(background, async () => "page"), "page");
});

// --- worker pool

async function runJobs(ctx: Ctx, jobs: Receiver<number>, work: (ctx: Ctx, job: number) => Promise<void>) {
  await using workers = group(ctx);
  for (let i = 0; i < 4; i++) {
    await workers.go(async (ctx) => {
      for await (const job of jobs.iter(ctx)) await work(ctx, job);
    });
  }
  await workers.wait(); // until jobs is closed and empty, or a worker has failed
}

test("worker pool", async () => {
  const done: number[] = [];
  await runJobs(background, generate(background, ...NUMBERS), async (_ctx, job) => void done.push(job));
  assert.deepEqual(
    done.toSorted((a, b) => a - b),
    NUMBERS,
  );
  const broken = new Error("broken");
  const ctx = withCancel(background);
  await assert.rejects(
    runJobs(ctx, generate(ctx, ...NUMBERS), () => Promise.reject(broken)),
    (err) => err === broken,
  );
  ctx.cancel();
  await setImmediate();
});

// --- semaphore

async function fetchAll(ctx: Ctx, urls: string[], fetchOne: (ctx: Ctx, url: string) => Promise<string>) {
  const pages: string[] = [];
  await using g = group(ctx, { limit: 3 });
  for (const [i, url] of urls.entries()) {
    await g.go(async (ctx) => void (pages[i] = await fetchOne(ctx, url))); // waits for one of three slots
  }
  await g.wait();
  return pages;
}

test("a limit on what runs at a time", async () => {
  let active = 0;
  const pages = await fetchAll(background, ["a", "b", "c", "d", "e"], async (_ctx, url) => {
    assert.ok(++active <= 3);
    await setImmediate();
    active--;
    return url.toUpperCase();
  });
  assert.deepEqual(pages, ["A", "B", "C", "D", "E"]);
});

const transcoders = new Semaphore(4);

async function transcode(ctx: Ctx, video: string, run: (ctx: Ctx, video: string) => Promise<string>): Promise<string> {
  using _ = await transcoders.acquire(ctx); // waits for one of four; it is given back at the end of the block
  return await run(ctx, video);
}

test("a limit that belongs to a thing", async () => {
  let active = 0;
  let most = 0;
  const run = async (_ctx: Ctx, video: string): Promise<string> => {
    most = Math.max(most, ++active);
    await setImmediate();
    active--;
    return `${video}.webm`;
  };
  const videos = NUMBERS.map(String);
  assert.deepEqual(
    await Promise.all(videos.map((video) => transcode(background, video, run))),
    videos.map((video) => `${video}.webm`),
  );
  assert.deepEqual([most, transcoders.available], [4, 4]);
});

// --- locks

const writing = new Mutex();

async function increment(ctx: Ctx, read: () => Promise<number>, write: (n: number) => Promise<void>): Promise<void> {
  using _ = await writing.lock(ctx); // without it, two callers read the same number, and one of them is not counted
  await write((await read()) + 1);
}

test("a lock is held across awaits", async () => {
  let stored = 0;
  const read = async (): Promise<number> => (await setImmediate(), stored);
  const write = async (n: number): Promise<void> => void (stored = n);
  await Promise.all(NUMBERS.map(() => increment(background, read, write)));
  assert.equal(stored, NUMBERS.length);
});

// --- waiting for one of several

async function listen(ctx: Ctx, jobs: Receiver<string>, commands: Receiver<"stop">, idleMs: number): Promise<string> {
  for (let count = 0; ; count++) {
    const r = await select(ctx, { job: jobs, command: commands, idle: after(idleMs) });
    if (r.key === "idle") return `no job for ${idleMs} ms, after ${count}`;
    if (r.key === "command") return `told to stop, after ${count}`;
    if (r.value === closed) return `no more jobs, after ${count}`;
    await handle(ctx, r.value); // a string: a job
  }
}

const handled: string[] = [];

async function handle(_ctx: Ctx, job: string): Promise<void> {
  handled.push(job);
}

test("the first of several", async () => {
  const [jobs, commands] = [chan<string>(), chan<"stop">()];
  const listening = listen(background, jobs, commands, 60_000);
  await jobs.send(background, "a");
  await jobs.send(background, "b");
  await commands.send(background, "stop");
  assert.equal(await listening, "told to stop, after 2");
  assert.deepEqual(handled, ["a", "b"]);
  assert.equal(await listen(background, jobs, commands, 1), "no job for 1 ms, after 0");
  jobs.close();
  assert.equal(await listen(background, jobs, commands, 60_000), "no more jobs, after 0");
});

// --- query racing

async function lookUp(ctx: Ctx, replicas: ((ctx: Ctx) => Promise<string>)[]): Promise<string> {
  return await race(ctx, replicas); // the first that answers; the others are canceled and have ended
}

test("query racing", async () => {
  const slow = (ctx: Ctx): Promise<string> => sleep(ctx, 60_000).then(() => "slow");
  const down = (): Promise<string> => Promise.reject(new Error("down"));
  assert.equal(await lookUp(background, [slow, down, async () => "fast", slow]), "fast");
  await assert.rejects(lookUp(background, [down, down]), AggregateError);
});

// --- parallel digest

async function digestAll(ctx: Ctx, dir: string): Promise<Map<string, string>> {
  const names = (await readdir(dir)).toSorted();
  const sums = new Map<string, string>();
  const digests = map(ctx, names, { workers: 8, ordered: true }, async (ctx, name) => {
    const bytes = await readFile(join(dir, name), { signal: ctx.signal });
    return { name, sum: createHash("sha256").update(bytes).digest("hex") };
  });
  for await (const { name, sum } of digests) sums.set(name, sum);
  return sums;
}

test("parallel digest", async () => {
  const dir = await mkdtemp(join(tmpdir(), "digest-"));
  try {
    for (const n of NUMBERS) await writeFile(join(dir, `${n}.txt`), String(n));
    const sums = await digestAll(background, dir);
    assert.deepEqual(
      [...sums.keys()],
      NUMBERS.map((n) => `${n}.txt`),
    );
    assert.equal(sums.get("7.txt"), createHash("sha256").update("7").digest("hex"));
    await assert.rejects(digestAll(background, join(dir, "none")), /ENOENT/);
  } finally {
    await rm(dir, { recursive: true });
  }
});

// --- leaky buffer

const free = chan<Uint8Array>(100);

function getBuffer(): Uint8Array {
  const buffer = free.tryRecv();
  return buffer instanceof Uint8Array ? buffer : new Uint8Array(64 * 1024); // none is free: a new one
}

function putBuffer(buffer: Uint8Array): void {
  free.trySend(buffer); // a hundred are free already: the garbage collector has it
}

test("leaky buffer", () => {
  const buffer = getBuffer();
  putBuffer(buffer);
  assert.equal(getBuffer(), buffer);
  for (let i = 0; i < 150; i++) putBuffer(new Uint8Array(1));
  assert.equal(free.length, 100);
  while (free.tryRecv() !== empty);
});

// --- aggregate fetch

async function profile(ctx: Ctx, loadUser: (ctx: Ctx) => Promise<string>, loadPosts: (ctx: Ctx) => Promise<string[]>) {
  let user = "";
  let posts: string[] = [];
  await using g = group(ctx);
  await g.go(async (ctx) => void (user = await loadUser(ctx)));
  await g.go(async (ctx) => void (posts = await loadPosts(ctx)));
  await g.wait(); // throws the first error, after it has canceled the other load and that has ended
  return { user, posts };
}

test("two loads at once, the other canceled when one fails", async () => {
  const loaded = await profile(
    background,
    async () => "Ada",
    async () => ["a post"],
  );
  assert.deepEqual(loaded, { user: "Ada", posts: ["a post"] });
  let cause: unknown;
  const missing = new Error("no such user");
  const waiting = (ctx: Ctx): Promise<string[]> =>
    sleep(ctx, 60_000)
      .finally(() => (cause = ctx.cause))
      .then(() => []);
  await assert.rejects(
    profile(background, () => Promise.reject(missing), waiting),
    (err) => err === missing,
  );
  assert.equal(cause, missing);
});

// --- rate-limited crawl

async function crawl(ctx: Ctx, start: string, links: (ctx: Ctx, url: string) => Promise<string[]>, perSecond: number) {
  const seen = new Set([start]);
  for (let level = [start]; level.length > 0;) {
    const next: string[] = [];
    const paced = throttle(ctx, level, { rate: perSecond, burst: 5 });
    for await (const found of map(ctx, paced, { workers: 10 }, links)) {
      for (const url of found) {
        if (seen.has(url)) continue;
        seen.add(url);
        next.push(url);
      }
    }
    level = next;
  }
  return seen;
}

test("rate-limited crawl", async () => {
  const web: Record<string, string[]> = { a: ["b", "c", "b"], b: ["c", "d"], c: ["a"], d: [] };
  const asked: string[] = [];
  const links = async (_ctx: Ctx, url: string): Promise<string[]> => (asked.push(url), web[url] ?? []);
  const seen = await crawl(background, "a", links, 500);
  assert.deepEqual([...seen].toSorted(), ["a", "b", "c", "d"]);
  assert.deepEqual(asked.toSorted(), ["a", "b", "c", "d"]);
});

// --- one call for many

const flights = new SingleFlight<string, string>();

async function cached(ctx: Ctx, key: string, cache: Map<string, string>, load: (ctx: Ctx) => Promise<string>) {
  const hit = cache.get(key);
  if (hit !== undefined) return hit;
  const { value } = await flights.do(ctx, key, load); // a thousand misses at once are one load
  cache.set(key, value);
  return value;
}

test("a cache that many miss at once loads once", async () => {
  let loads = 0;
  const cache = new Map<string, string>();
  const load = async (): Promise<string> => `v${++loads}`;
  const values = await Promise.all(Array.from({ length: 100 }, () => cached(background, "k", cache, load)));
  assert.deepEqual([new Set(values), loads], [new Set(["v1"]), 1]);
});
