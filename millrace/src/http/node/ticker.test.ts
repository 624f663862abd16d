import assert from "node:assert/strict";
import { test } from "node:test";
import { background, sleep } from "../../context/index.ts";
import { bubble } from "../../test/index.ts";
import { text } from "../reply.ts";
import { Router } from "../router.ts";
import { rawClient } from "./testing/raw-client.ts";
import { serve, signal, within } from "./testing/setup.ts";
import { Ticker } from "./ticker.ts";

// What keeps this process awake; Node's own timers of a server do not.
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

async function until(what: () => boolean): Promise<void> {
  for (const end = performance.now() + 10_000; !what(); await new Promise((resolve) => void setImmediate(resolve))) {
    assert.ok(performance.now() < end, `not in time: ${String(what)}`);
  }
}

test("a server has no timer while nobody is connected, and keeps deadlines and the date again after a rest", async () => {
  const before = timers();
  const reached = signal();
  const router = new Router()
    .get("/", () => text("ok"))
    .get("/never", async (ctx) => {
      reached.fire();
      await sleep(ctx, 60_000);
      return text("late");
    });
  await using up = await serve(router, { requestDeadlineMs: 1000 });
  assert.equal(timers(), before, "it has just been opened");
  for (let round = 0; round < 2; round++) {
    const client = await rawClient(up.server.addr);
    client.send("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    const answer = await client.end(10_000);
    const date = Date.parse(/\r\ndate: (.*)\r\n/.exec(answer)?.[1] ?? "");
    assert.ok(Math.abs(Date.now() - date) < 5000, answer);
    await until(() => timers() === before);
  }
  const late = fetch(`${up.server.url}/never`, { headers: { connection: "close" } });
  await within(10_000, reached.promise);
  assert.equal((await within(10_000, late)).status, 504);
  await until(() => timers() === before);
});

test("it calls as long as there is something to do, and not after that", async () => {
  await bubble(async () => {
    let left = 3;
    let calls = 0;
    const ticker = new Ticker(100, () => {
      calls++;
      return --left > 0;
    });
    ticker.wake();
    ticker.wake();
    await sleep(background, 3_600_000);
    assert.equal(calls, 3);
    left = 1;
    ticker.wake();
    await sleep(background, 99);
    assert.equal(calls, 3);
    ticker.rest();
    await sleep(background, 1000);
    assert.equal(calls, 3);
  });
});
