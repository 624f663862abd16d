import assert from "node:assert/strict";
import { test } from "node:test";
import { background, sleep } from "../../context/index.ts";
import { Router, json, noContent, redirect, sse, stream, text } from "../../http/index.ts";
import { timeout } from "../../middleware/index.ts";
import { bubble } from "../bubble.ts";
import { serve } from "./serve.ts";

const router = new Router()
  .get("/users/:id", (_ctx, req) => json({ id: req.params.id, host: req.header("host") }))
  .post("/echo", async (_ctx, req) => text(await req.text()).header("x-type", req.header("content-type") ?? ""))
  .get("/none", () => noContent())
  .get("/away", () => redirect("/users/1"))
  .get("/cookies", () => text("").header("set-cookie", "a=1").header("set-cookie", "b=2"))
  .get("/fails", () => {
    throw new Error("broken");
  })
  .get("/slow", async (ctx) => {
    await sleep(ctx, 3_600_000);
    return text("late");
  })
  .get("/parts", () => stream(ReadableStream.from([Buffer.from("a"), Buffer.from("b")])));

for (const network of [false, true]) {
  test(`what fetch does, ${network ? "over the network" : "in memory"}`, async () => {
    await using up = await serve(background, router, { network });
    const res = await up.fetch("/users/1");
    assert.deepEqual(await res.json(), { id: "1", host: new URL(up.url).host });
    const echo = async (
      body: NonNullable<RequestInit["body"]>,
      headers: Record<string, string> = {},
    ): Promise<[string, string | null]> => {
      const res = await up.fetch("/echo", { method: "POST", body, headers });
      return [await res.text(), res.headers.get("x-type")];
    };
    assert.deepEqual(await echo("x", { "content-type": "a/b" }), ["x", "a/b"]);
    assert.deepEqual(await echo(new URLSearchParams({ a: "b" })), [
      "a=b",
      "application/x-www-form-urlencoded;charset=UTF-8",
    ]);
    assert.deepEqual(await echo(new Uint8Array([120])), ["x", ""]);
    assert.deepEqual(await echo(ReadableStream.from([Buffer.from("s")])), ["s", ""]);
    assert.equal((await up.fetch("/users/1", { method: "HEAD" })).headers.get("content-type"), "application/json");
    assert.equal((await up.fetch("/none")).status, 204);
    assert.deepEqual((await up.fetch("/away")).headers.get("location"), "/users/1");
    assert.deepEqual((await up.fetch("/cookies")).headers.getSetCookie(), ["a=1", "b=2"]);
    assert.equal(await (await up.fetch("/parts")).text(), "ab");
    assert.deepEqual(up.logged, []);
    assert.equal((await up.fetch("/fails")).status, 500);
    assert.equal(up.logged.length, 1);
    const gone = new AbortController();
    const left = up.fetch("/slow", { signal: gone.signal });
    setImmediate(() => gone.abort());
    await assert.rejects(left, { name: "AbortError" });
    await assert.rejects(up.fetch("/", { signal: AbortSignal.abort() }), { name: "AbortError" });
    await assert.rejects(up.fetch("nope"), /begins with/);
  });
}

test("in memory an hour takes no time", async () => {
  await bubble(async () => {
    const hours = new Router()
      .use(timeout(0))
      .get("/slow", async (ctx) => {
        await sleep(ctx, 3_600_000);
        return text(String(performance.now()));
      })
      .get("/events", (ctx) =>
        sse(
          ctx,
          (async function* () {
            await sleep(ctx, 20_000);
            yield { data: "late" };
          })(),
        ),
      );
    await using up = await serve(background, hours);
    assert.ok(Number(await (await up.fetch("/slow")).text()) >= 3_600_000);
    assert.equal(await (await up.fetch("/events")).text(), ":\n\n:\n\ndata: late\n\n");
  });
});
