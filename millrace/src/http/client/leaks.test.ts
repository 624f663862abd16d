import assert from "node:assert/strict";
import { test } from "node:test";
import { background, sleep, withCancel, withTimeout } from "../../context/index.ts";
import { leaks } from "../../test/index.ts";
import { type Handler, json, text } from "../index.ts";
import { newClient } from "./index.ts";
import { until, upstream } from "./testing/upstream.ts";

const handler: Handler = async (ctx, req) => {
  if (req.path === "/slow") await sleep(ctx, 60_000);
  if (req.path === "/down") return text("down", { status: 503 });
  return json(1);
};

test("calls leave nothing behind: no task, no context, no timer, no listener", async () => {
  await using up = await upstream(handler);
  await using found = leaks();
  {
    await using client = newClient({ baseUrl: up.url, hedge: { delayMs: 20 }, retry: { baseMs: 1 }, breaker: false });
    // One that goes on, and would keep whatever hangs on it.
    const parent = background;
    for (let i = 0; i < 5; i++) {
      await client.get(parent, "/");
      await assert.rejects(client.get(parent, "/down"));
      await using _ = await client.fetch(parent, "/");
      using short = withTimeout(parent, 50);
      await assert.rejects(client.get(short, "/slow"));
      using leaving = withCancel(parent);
      const before = up.asked;
      const call = assert.rejects(client.get(leaving, "/slow"));
      await until(() => up.asked > before);
      leaving.cancel();
      await call;
    }
  }
  await found.check();
});
