import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { background, withCancel, withTimeout } from "../../context/index.ts";
import { codeOf } from "../../errors/index.ts";
import { newClient } from "./index.ts";

const PROGRAM = join(import.meta.dirname, "testing", "hop.ts");

/** Told is what a hop tells its parent. */
type Told = { readonly url: string } | { readonly leftMs: number } | { readonly canceled: string };

// A process that serves, and calls the next hop if there is one.
async function hop(next: string): Promise<{ url: string; told: (key: string) => Promise<unknown> } & AsyncDisposable> {
  const child = fork(PROGRAM, [next], { execArgv: ["--conditions=@millrace/source"] });
  const heard = new Map<string, PromiseWithResolvers<unknown>>();
  const of = (key: string): PromiseWithResolvers<unknown> => {
    const known = heard.get(key) ?? Promise.withResolvers<unknown>();
    heard.set(key, known);
    return known;
  };
  child.on("message", (told: Told) => {
    for (const [key, value] of Object.entries(told)) of(key).resolve(value);
  });
  const url = await of("url").promise;
  assert.ok(typeof url === "string");
  return {
    url,
    told: (key) => of(key).promise,
    async [Symbol.asyncDispose]() {
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    },
  };
}

test(
  "A calls B calls C, three processes: each has less time than its caller, and all end at once",
  { timeout: 60_000 },
  async () => {
    await using c = await hop("");
    await using b = await hop(c.url);
    await using a = await hop(b.url);
    await using client = newClient({ baseUrl: a.url });
    using ctx = withTimeout(background, 3000);
    await assert.rejects(client.get(ctx, "/"), (err) => codeOf(err) === "deadline_exceeded");
    const left = [3000, await a.told("leftMs"), await b.told("leftMs"), await c.told("leftMs")] as number[];
    for (let i = 1; i < left.length; i++) assert.ok(left[i]! < left[i - 1]! && left[i]! > 0, left.join(" > "));
  },
);

test("a cancel reaches the last of three processes in a moment", { timeout: 60_000 }, async (t) => {
  await using c = await hop("");
  await using b = await hop(c.url);
  await using a = await hop(b.url);
  await using client = newClient({ baseUrl: a.url });
  using ctx = withCancel(background);
  const call = assert.rejects(client.get(ctx, "/"), (err) => codeOf(err) === "canceled");
  await c.told("leftMs");
  const startedAt = performance.now();
  ctx.cancel();
  await call;
  assert.equal(await c.told("canceled"), "http/client_disconnected");
  const tookMs = performance.now() - startedAt;
  t.diagnostic(`${tookMs.toFixed(1)} ms through three processes`);
  // On a machine that others use, too.
  assert.ok(tookMs < 1000, `${tookMs} ms`);
});
