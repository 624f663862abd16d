import assert from "node:assert/strict";
import { test } from "node:test";
import { chan } from "../chan/index.ts";
import { type Ctx, background, withCancel } from "../context/index.ts";
import { Router, text } from "../http/index.ts";
import { listen } from "../http/node/index.ts";
import { Mutex } from "../sync/index.ts";
import { type RunningTask, go, group, recordingSpawns } from "../task/index.ts";
import { ask, open } from "./testing/setup.ts";

interface Listed {
  readonly count: number;
  readonly omitted: number;
  readonly recordingSpawns: boolean;
  readonly tasks: readonly RunningTask[];
  readonly requests: readonly Readonly<Record<string, unknown>>[];
}

async function turns(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise(setImmediate);
}

test("a thousand blocked tasks are listed below the one that started them, and counted", async () => {
  await using up = await open();
  const stop = chan<never>();
  const lock = new Mutex();
  const held = await lock.lock(background);
  await using boss = go(
    background,
    async (ctx) => {
      await using g = group(ctx);
      for (let i = 0; i < 600; i++) await g.go(async (ctx) => void (await stop.recv(ctx)), { name: "reader" });
      for (let i = 0; i < 400; i++)
        await g.go(async (ctx) => (await lock.lock(ctx))[Symbol.dispose](), { name: "writer" });
      await g.wait();
    },
    { name: "boss" },
  );
  await turns();

  const full = await up.ask("/debug/tasks");
  assert.match(full.headers["content-type"] ?? "", /^text\/plain/);
  const [, bossId] = /^task (\d+) boss \[running, .*\]$/m.exec(full.text) ?? [];
  assert.ok(bossId !== undefined, full.text.slice(0, 500));
  const readers = full.text.match(
    /^ {2}task \d+ reader \[waiting to receive from a channel, .*\], started by (\d+)$/gm,
  );
  assert.equal(readers?.length, 600);
  assert.ok(readers.every((line) => line.endsWith(`started by ${bossId}`)));
  assert.equal(full.text.match(/^ {2}task \d+ writer \[waiting [^,]*lock/gm)?.length, 400);
  assert.match(full.text, /^ {6}in background\.task\(boss\)\.withCancel$/m);

  const counted = (await up.ask("/debug/tasks?debug=1")).text;
  assert.match(counted, /^600 × reader \[waiting to receive from a channel, \S+ to \S+\]$/m);
  assert.match(counted, /^400 × writer \[waiting .*lock.*\]$/m);
  assert.ok(counted.length < 2000 && counted.indexOf("reader") < counted.indexOf("writer"));

  for (const asked of [
    await up.ask("/debug/tasks?format=json"),
    await up.ask("/debug/tasks", { headers: { accept: "application/json" } }),
  ]) {
    const dump = asked.json() as unknown as Listed;
    assert.deepEqual([dump.omitted, dump.tasks.length], [0, dump.count]);
    const boss = dump.tasks.find(({ name }) => name === "boss")!;
    assert.equal(dump.tasks.filter(({ parent }) => parent === boss.id).length, 1000);
    const { name, state, waits, within } = dump.tasks.find(({ name }) => name === "reader")!;
    assert.deepEqual(
      { name, state, waits, within },
      {
        name: "reader",
        state: "waiting",
        waits: "to receive from a channel",
        within: "background.task(boss).withCancel",
      },
    );
  }
  stop.close();
  held[Symbol.dispose]();
  await boss;
});

test("more than ten thousand tasks are counted, and the oldest listed", async () => {
  await using up = await open();
  const ctx = withCancel(background);
  const stop = chan<never>();
  const tasks = Array.from({ length: 10_500 }, () =>
    go(ctx, async () => void (await stop.recv(background)), { name: "many" }),
  );
  await turns();
  const dump = (await up.ask("/debug/tasks?format=json")).json() as unknown as Listed;
  assert.ok(dump.count >= 10_500);
  assert.deepEqual([dump.tasks.length, dump.omitted], [10_000, dump.count - 10_000]);
  const full = (await up.ask("/debug/tasks")).text;
  assert.equal(full.match(/^ *task \d+ /gm)?.length, 10_000);
  assert.match(full, new RegExp(`… and ${dump.omitted} more`));
  assert.match((await up.ask("/debug/tasks?debug=1")).text, /^10500 × many /m);
  stop.close();
  await Promise.all(tasks);
});

test("where tasks are started is recorded from when that is switched on", async () => {
  await using up = await open();
  const stop = chan<never>();
  const spawnHere = (ctx: Ctx) => go(ctx, () => stop.recv(background), { name: "sited" });
  assert.match((await up.ask("/debug/tasks")).text, /PUT \{"recordSpawns":true\}/);
  try {
    const on = await up.ask("/debug/tasks", { method: "PUT", body: { recordSpawns: true } });
    assert.deepEqual([on.status, on.json()["recordingSpawns"], recordingSpawns()], [200, true, true]);
    await using _task = spawnHere(background);
    await turns();
    assert.match(
      (await up.ask("/debug/tasks")).text,
      /task \d+ sited .*\n {4}in background\n(?: {4}at .*\n)* {4}at spawnHere /,
    );
    assert.match(
      (await up.ask("/debug/tasks?debug=1")).text,
      /1 × sited .*\n {4}in background\n(?: {4}at .*\n)* {4}at spawnHere /,
    );
    stop.close();
  } finally {
    await up.ask("/debug/tasks", { method: "PUT", body: { recordSpawns: false } });
  }
  assert.equal(recordingSpawns(), false);
});

test("the requests that a watched server is answering, and the tasks that one has started", async () => {
  await using up = await open();
  const stop = chan<never>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const router = new Router().get("/orders/:id", async (ctx) => {
    begin();
    await using _task = go(ctx, (ctx) => stop.recv(ctx), { name: "of a request" });
    await stop.recv(ctx);
    return text("done");
  });
  await using server = await listen(background, { addr: "127.0.0.1:0", handler: router });
  up.admin.watch("api", server);
  const answer = ask(server.addr, "/orders/s3cret?token=s3cret");
  await begun;
  await turns();
  const full = (await up.ask("/debug/tasks")).text;
  assert.match(full, /^\d+ tasks, 1 requests in flight/);
  assert.match(full, /^request api GET \/orders\/:id \[open, \S+\] \S+$/m);
  assert.match(full, /task \d+ of a request .*\n {4}in background\.request\(GET \/orders\/:id\)/);
  const dump = (await up.ask("/debug/tasks?format=json")).json() as unknown as Listed;
  const { server: name, method, route, state } = dump.requests[0]!;
  assert.deepEqual([name, method, route, state], ["api", "GET", "/orders/:id", "open"]);
  assert.doesNotMatch(full + JSON.stringify(dump), /s3cret/);
  stop.close();
  assert.equal((await answer).text, "done");
});

test("a name cannot forge a line", async () => {
  await using up = await open();
  const stop = chan<never>();
  await using task = go(background, () => stop.recv(background), { name: "a\ntask 1 forged [running]\u001b[2J" });
  await turns();
  for (const path of ["/debug/tasks", "/debug/tasks?debug=1"]) {
    const { text } = await up.ask(path);
    assert.ok(text.includes(String.raw`a\ntask 1 forged [running]\u001b[2J`));
    assert.doesNotMatch(text, /^task 1 forged/m);
  }
  stop.close();
  await task;
});

test("what is asked for wrongly is a 400 that says what is right", async () => {
  await using up = await open();
  const cases = [
    { path: "/debug/tasks?debug=3", issue: { path: "debug", message: "must be one of 2, 1" } },
    { path: "/debug/tasks?format=xml", issue: { path: "format", message: "must be one of text, json" } },
    {
      path: "/debug/tasks",
      body: { recordSpawns: "yes" },
      issue: { path: "recordSpawns", message: "must be true or false" },
    },
    { path: "/debug/tasks", body: null, issue: { path: "recordSpawns", message: "must be true or false" } },
  ];
  for (const { path, body, issue } of cases) {
    const method = body === undefined ? "GET" : "PUT";
    const answer = await up.ask(path, { method, ...(body === undefined ? {} : { body }) });
    assert.equal(answer.status, 400);
    assert.deepEqual(answer.json()["issues"], [issue]);
  }
});
