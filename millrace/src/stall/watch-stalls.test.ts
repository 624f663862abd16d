import assert from "node:assert/strict";
import { setTimeout as after } from "node:timers/promises";
import { test } from "node:test";
import { watchStalls } from "./index.ts";
import { type Line, type Served, serve } from "./testing/served.ts";

// Long enough for the watching thread to begin, and for a line that was held for a second to be written.
const BEGIN_MS = 400;
const HELD_MS = 1800;
// Who never blocks, and so is never named.
const INNOCENT = ["fast", "share"];

function stalls({ lines }: Served): Line[] {
  return lines.filter((line) => line["msg"] === "event loop stall");
}

// Other requests come with the one that blocks.
async function block(server: Served, path: string): Promise<void> {
  const others = Array.from({ length: 20 }, (_, i) => server.get(`/fast/${i}`));
  await Promise.all([...others, server.get(path)]);
}

function assertNobodyInnocent(server: Served): void {
  for (const { route } of stalls(server)) {
    if (typeof route === "string") assert.ok(!INNOCENT.includes(route.split("/")[1]!), `named: ${route}`);
  }
}

// A busy machine stops a thread whenever it likes, which is told of as that: so a stall is made again until it is seen.
async function named(server: Served, name: string, is: (line: Line) => boolean): Promise<Line> {
  for (let tries = 0; tries < 8; tries++) {
    await block(server, `/${name}/7`);
    const found = await server.line(is, HELD_MS);
    if (found !== undefined) return found;
  }
  throw new Error(`never named: ${name}; ${JSON.stringify(stalls(server))}`);
}

const cases = [
  { name: "spin", at: /(?:spin|cpuMs) .*server\.ts:\d+:\d+/ },
  { name: "regexp", at: /^regexp / },
  { name: "child", at: /^child / },
  { name: "timer", at: /spin|cpuMs/ },
  { name: "task", at: /spin|cpuMs/, task: "thumbnail" },
  { name: "detached", at: /spin|cpuMs/, task: "reindex", detached: true },
];

test("a stall is named with its route and its task, and nobody else is", { timeout: 120_000 }, async () => {
  await using server = await serve();
  await after(BEGIN_MS);
  for (const { name, at, task, detached = false } of cases) {
    const route = detached ? undefined : `/${name}/:id`;
    const line = await named(server, name, (one) => one["route"] === route && one["task"] === task && "stack" in one);
    assert.equal(line["level"], "warn");
    assert.equal(line["cause"], "code");
    assert.equal(line["method"], detached ? undefined : "GET");
    assert.equal(typeof line["request_id"], detached ? "undefined" : "string");
    assert.match(String(line["at"]), at);
    assert.ok(Number(line["duration_ms"]) >= 150);
  }
  // What cannot be interrupted and is the last thing that a function does cannot be proven: then it is among those in flight.
  const json = await named(server, "json", (line) => String(line["requests_in_flight"]).includes("/json/7"));
  assert.equal(json["route"], undefined);
  // Of many who have each a little part, none is named.
  await Promise.all(Array.from({ length: 60 }, (_, i) => server.get(`/share/${i}`)));
  await after(HELD_MS);
  assertNobodyInnocent(server);
  assert.equal(await server.exit(), 0);
});

test("without current there is the place, and who is in flight", async () => {
  await using server = await serve("no-current");
  await after(BEGIN_MS);
  const line = await named(server, "spin", (one) => "stack" in one && "requests_in_flight" in one);
  assert.match(String(line["at"]), /^(?:spin|cpuMs) /);
  assert.match(String(line["requests_in_flight"]), /GET \/spin\/7 \(\/spin\/:id\)/);
  assert.equal(line["route"], undefined);
});

test("a process that was stopped, and one that collects garbage, blame nobody", async () => {
  await using server = await serve("garbage");
  await after(BEGIN_MS);
  await named(server, "gc", (line) => line["cause"] === "garbage collection");
  server.kill("SIGSTOP");
  const answer = server.get("/fast/1");
  await after(1000);
  server.kill("SIGCONT");
  await answer;
  const stopped = await server.line(({ cause, duration_ms: ms }) => cause === "process stopped" && Number(ms) >= 900);
  assert.ok(stopped !== undefined, JSON.stringify(server.lines));
  assert.equal(stopped["route"], undefined);
  assert.equal(stopped["stack"], undefined);
  assertNobodyInnocent(server);
});

test("a process is watched once, and its threshold is sane", () => {
  const log = { warn: () => undefined };
  assert.throws(() => watchStalls({ log, thresholdMs: 10 }), /at least 50/);
  const watch = watchStalls({ log });
  assert.throws(() => watchStalls({ log }), { reason: "stall/watched" });
  watch[Symbol.dispose]();
  watch[Symbol.dispose]();
  watchStalls({ log })[Symbol.dispose]();
});
