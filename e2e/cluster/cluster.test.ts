import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { background } from "millrace/context";
import { ClusterLoad, ask } from "./load.ts";
import { open, rollUnderLoad, until } from "./rolling.ts";
describe("a cluster", { timeout: 180_000 }, () => {
  it("loses no request in 2 rolling restarts and a shutdown under load", async () => {
    await rollUnderLoad(2);
  });

  it("names a handler that is stuck, and cuts it", async () => {
    await using cluster = await open([], { workers: 1 });
    const stuck = ask(`${cluster.url}/stuck`).catch((err: Error) => err.message);
    await until(async () => (await ask(cluster.url)).includes("pid"));
    const { replaced, cut } = await cluster.restart(background);
    assert.equal(replaced, 1);
    assert.equal(cut.length, 1);
    assert.match(cut[0]!.requests.join(), /^GET \/stuck \(\/stuck\), \d+(\.\d+)?s$/);
    assert.equal(cut[0]!.killed, false);
    assert.equal(await stuck, "status 503");
  });

  it("kills a worker whose thread is busy when its time is over", async () => {
    await using cluster = await open([], { workers: 1, stopMs: 700 });
    const blocked = ask(`${cluster.url}/block`).catch((err: Error) => err.message);
    await until(() => isDeaf(cluster.url));
    const { cut } = await cluster.restart(background);
    assert.deepEqual([cut[0]?.requests, cut[0]?.killed], [[], true]);
    assert.match(await blocked, /hang up|ECONNRESET/);
    assert.match(await ask(cluster.url), /pid/);
  });

  it("replaces a worker that dies; those who come meanwhile wait", async () => {
    const logged: string[] = [];
    await using cluster = await open(logged, { workers: 1 });
    const [old] = cluster.pids;
    await assert.rejects(ask(`${cluster.url}/die`));
    assert.doesNotMatch(await ask(cluster.url), new RegExp(String(old)));
    assert.deepEqual(logged, ["http: cluster: a worker has died"]);
  });

  it("does not start with a worker that does not, and gives up on one that dies again and again", async () => {
    await assert.rejects(open([], { env: { MODE: "crash" } }), { reason: "http/worker_start", message: /exit code 7/ });
    await assert.rejects(open([], { addr: "127.0.0.1:x" }), TypeError);
    const logged: string[] = [];
    await using cluster = await open(logged, { workers: 1 });
    await assert.rejects(open([], { addr: cluster.addr }), { reason: "http/listen" });
    const killing = setInterval(() => {
      for (const pid of cluster.pids) process.kill(pid, "SIGKILL");
    }, 20);
    await assert.rejects(cluster.run(background), { reason: "http/crash_loop" });
    clearInterval(killing);
  });

  it("as a program: SIGHUP restarts, SIGTERM ends it with 0 and loses nothing", async () => {
    await using program = await Program.start();
    const load = new ClusterLoad(program.url, 6);
    await until(() => load.tally.pids.size > 0);
    const [first] = load.tally.pids;
    program.child.kill("SIGHUP");
    await until(() => load.tally.pids.size > 1);
    const { failed } = await load.stop();
    assert.deepEqual(failed, []);
    assert.notEqual(await pidAt(program.url), first);
    program.child.kill("SIGTERM");
    assert.deepEqual(await program.exit, [0, null]);
  });

  it("as a program: workers do not outlive a parent that is killed", async () => {
    await using program = await Program.start();
    const pid = await pidAt(program.url);
    const [answer] = (await once(http.get(`${program.url}/stream`), "response")) as [http.IncomingMessage];
    program.child.kill("SIGKILL");
    assert.match(await text(answer), /19 $/);
    await until(() => !lives(pid));
    await assert.rejects(ask(program.url), { code: "ECONNREFUSED" });
  });
});

class Program implements AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
  readonly exit: Promise<unknown[]>;

  private constructor(url: string, child: ChildProcess, exit: Promise<unknown[]>) {
    this.url = url;
    this.child = child;
    this.exit = exit;
  }

  static async start(): Promise<Program> {
    const args = ["--conditions=@millrace/source", join(import.meta.dirname, "main.ts")];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const exit = once(child, "exit");
    for await (const line of createInterface(child.stdout)) {
      const url = /^open: (.*)$/.exec(line)?.[1];
      if (url === undefined) continue;
      child.stdout.resume();
      return new Program(url, child, exit);
    }
    throw new Error("the program has ended before it was open");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exit;
  }
}

async function pidAt(url: string): Promise<number> {
  return (JSON.parse(await ask(url)) as { pid: number }).pid;
}

/** isDeaf says whether a server takes more than a while for what it does at once. */
async function isDeaf(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(500) }).catch(() => undefined);
  await answer?.text();
  return answer === undefined;
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
