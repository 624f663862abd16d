import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { Router, text } from "../http/index.ts";
import { FakeExchange } from "../http/testing/fake-exchange.ts";
import { containerLimit, heapLimit, newMemoryInUse } from "./memory-in-use.ts";
import { shedAbove } from "./memory-limit.ts";
import { headerOf } from "./on-reply.ts";

const timeout = 90_000;

/** Request is one that came at some time. */
class Request extends FakeExchange {
  override readonly startedAt: number;

  constructor(url: string, atMs: number) {
    super({ url });
    this.startedAt = atMs;
  }
}

test("it sheds above the threshold, until less than resume is in use; health checks pass; it looks every 100 ms", async () => {
  let looks = 0;
  const seen = [0.5, 0.9, 0.87, 0.86, 0.84, 0.89, 0.95];
  const limit = shedAbove({ threshold: 0.9, resume: 0.85, retryAfterSeconds: 7 }, () => seen[looks++]!);
  const handler = new Router()
    .use(limit)
    .get("/", () => text("ok"))
    .get("/readyz", () => text("ok"))
    .handler();
  const ask = async (path: string, atMs: number): Promise<string> => {
    const reply = await new Request(path, atMs).call(handler);
    return `${reply.status} ${headerOf(reply, "retry-after") ?? "-"}`;
  };
  const got: string[] = [];
  for (let atMs = 0; atMs <= 600; atMs += 50) got.push(await ask("/", atMs));
  const spared = got.map((each, n) => (each === "200 -" ? n * 50 : "shed"));
  assert.deepEqual(spared, [0, 50, ...Array<string>(6).fill("shed"), 400, 450, 500, 550, "shed"]);
  assert.equal(got[2], "503 7");
  assert.equal(looks, 7);
  assert.equal(await ask("/readyz", 650), "200 -");
});

test("bad options", () => {
  for (const bad of [{ threshold: 0 }, { threshold: 1.1 }, { resume: 1.5 }, { retryAfterSeconds: 0 }]) {
    assert.throws(() => shedAbove(bad, () => 0), /RangeError: memoryLimit: \w+ must be/, JSON.stringify(bad));
  }
});

test("what is in use is a part of what may be", () => {
  const part = newMemoryInUse()();
  assert.ok(part > 0 && part < 1, String(part));
  assert.ok(heapLimit() > process.memoryUsage().heapUsed);
  assert.ok((containerLimit() ?? Infinity) > process.memoryUsage.rss());
});

// The old generation may have 64 MB; each request leaves some 30 kB.
async function start(mode: "shed" | ""): Promise<{ child: ChildProcess; url: string; ended: Promise<unknown[]> }> {
  const child = fork(join(import.meta.dirname, "testing", "memory-child.ts"), [mode], {
    execArgv: ["--conditions=@millrace/source", "--max-old-space-size=64"],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const ended = once(child, "exit");
  const [url] = (await once(child, "message")) as [string];
  return { child, url, ended };
}

/** Flood asks on so many connections, one after the other on each, until it is stopped or the service is gone. */
class Flood implements AsyncDisposable {
  readonly counts: Record<number, number> = {};
  readonly #agent = new Agent({ keepAlive: true });
  readonly #all: Promise<void[]>;
  #over = false;
  #onAnswer: () => void = () => {};

  constructor(url: string, connections: number) {
    this.#all = Promise.all(Array.from({ length: connections }, () => this.#one(url)));
  }

  async #one(url: string): Promise<void> {
    while (!this.#over) {
      const status = await statusOf(url, this.#agent);
      if (status === 0) return;
      this.counts[status] = (this.counts[status] ?? 0) + 1;
      this.#onAnswer();
    }
  }

  /** more waits for so many more answers with a status. */
  async more(status: number, count: number): Promise<void> {
    const want = (this.counts[status] ?? 0) + count;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#onAnswer = () => {
      if ((this.counts[status] ?? 0) >= want) resolve();
    };
    this.#all.then(() => reject(new Error(`the service is gone: ${JSON.stringify(this.counts)}`)), reject);
    await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    await this.#all;
    this.#agent.destroy();
  }
}

function statusOf(url: string, agent?: Agent): Promise<number> {
  return new Promise((resolve) => {
    get(url, { agent }, (res) => {
      res.resume().once("close", () => resolve(res.statusCode ?? 0));
    }).once("error", () => resolve(0));
  });
}

test("without it, requests that keep memory end the process", { timeout }, async () => {
  const { url, ended } = await start("");
  await using _flood = new Flood(url, 16);
  assert.deepEqual(await ended, [null, "SIGABRT"]);
});

test(
  "with it, the process lives, sheds, answers its health check, and goes on when there is memory",
  { timeout },
  async () => {
    const { child, url, ended } = await start("shed");
    {
      await using flood = new Flood(url, 16);
      await flood.more(503, 3000);
      assert.equal(await statusOf(`${url}/healthz`), 200);
      child.kill("SIGUSR2");
      await flood.more(200, 100);
    }
    child.disconnect();
    assert.deepEqual(await ended, [0, null]);
  },
);
