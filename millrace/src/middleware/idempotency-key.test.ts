import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../errors/index.ts";
import { type Handler, Router, created, json, noContent, stream, text } from "../http/index.ts";
import { serve, signal } from "../http/node/testing/setup.ts";
import { type FakeRequest, FakeExchange } from "../http/testing/fake-exchange.ts";
import { type IdempotencyKeyOptions, idempotencyKey } from "./idempotency-key.ts";
import { idempotencyMemory } from "./idempotency-memory.ts";
import { headerOf } from "./on-reply.ts";

async function whole(stream: AsyncIterable<Uint8Array | string>): Promise<string> {
  let text = "";
  for await (const part of stream) text += Buffer.from(part).toString();
  return text;
}

function setup(
  handler: Handler,
  options: Partial<IdempotencyKeyOptions> = {},
): (key: string | undefined, request?: FakeRequest) => Promise<string> {
  const owner = (_ctx: unknown, req: { header: (name: string) => string | undefined }): string =>
    req.header("x-user") ?? "a";
  const compiled = new Router()
    .use(idempotencyKey({ owner, ...options }))
    .handle("/:path", handler)
    .handler();
  return async (key: string | undefined, request: FakeRequest = {}): Promise<string> => {
    const headers = { "content-type": "application/json", ...request.headers };
    const exchange = new FakeExchange({
      method: "POST",
      url: "/a",
      body: "{}",
      ...request,
      headers: key === undefined ? headers : { ...headers, "idempotency-key": key },
    });
    try {
      const reply = await exchange.call(compiled);
      const replayed = headerOf(reply, "idempotent-replayed") === "true" ? " again" : "";
      const body =
        reply.body === null || typeof reply.body === "string" || reply.body instanceof Uint8Array
          ? Buffer.from(reply.body ?? "").toString()
          : await whole(reply.body);
      return reply.type === "application/problem+json"
        ? `${reply.status} ${(JSON.parse(body) as { reason: string }).reason} ${headerOf(reply, "retry-after")}`
        : `${reply.status} ${body}${replayed}`;
    } catch (err) {
      return err instanceof Failure ? err.reason : String(err);
    }
  };
}

test("the first answer is given again", async (t) => {
  const cases: { name: string; handler: (n: number) => ReturnType<Handler>; want: string }[] = [
    { name: "a value", handler: (n) => created(`/a/${n}`, { n }), want: '201 {"n":1}' },
    { name: "a refusal that is returned", handler: (n) => json({ n }, { status: 409 }), want: '409 {"n":1}' },
    { name: "nothing", handler: () => noContent(), want: "204 " },
    { name: "a stream", handler: (n) => stream(ReadableStream.from([Buffer.from(`n${n}`)])), want: "200 n1" },
    { name: "a Response", handler: (n) => new Response(`n${n}`), want: "200 n1" },
  ];
  for (const { name, handler, want } of cases) {
    await t.test(name, async () => {
      let n = 0;
      const ask = setup(() => handler(++n));
      assert.equal(await ask("k"), want);
      assert.equal(await ask("k"), `${want} again`);
      assert.equal(await ask('"k"'), `${want} again`, "quotes are syntax");
      assert.equal(n, 1);
      await ask("other");
      await ask("k", { headers: { "x-user": "b" } });
      assert.equal(n, 3, "another key and another owner are something else");
    });
  }
});

test("what is not kept", async () => {
  let n = 0;
  const failing = setup(() => {
    if (++n === 1) throw new Failure("not now", { code: "unavailable" });
    return text(String(n), { status: n === 2 ? 503 : 200 });
  });
  assert.deepEqual([await failing("k"), await failing("k"), await failing("k")], ["unavailable", "503 2", "200 3"]);
  assert.equal(await failing("k"), "200 3 again");
  const free = setup(() => text(String(++n)));
  assert.notEqual(await free(undefined), await free(undefined), "no key");
  assert.notEqual(await free("k", { method: "PUT" }), await free("k", { method: "PUT" }), "PUT is idempotent itself");
});

test("refusals", async () => {
  const ask = setup(async (_ctx, req) => text(await req.text()), { required: true });
  assert.equal(await ask(undefined), "http/idempotency_no_key");
  for (const bad of ["", " ", "a b", "ä", "a".repeat(256), '"', 'a"b']) {
    assert.equal(await ask(bad), "http/idempotency_bad_key", JSON.stringify(bad));
  }
  assert.equal(await ask("k", { body: "one" }), "200 one", "the handler reads the body too");
  assert.equal(await ask("k", { body: "two" }), "http/unprocessable");
  assert.equal(await ask("k", { body: "one", url: "/b" }), "http/unprocessable");
  assert.equal(await ask("k", { body: "one", url: "/a?b" }), "http/unprocessable");
  assert.equal(await ask("k", { body: "one", method: "PATCH" }), "http/unprocessable");
  assert.equal(await ask("k", { body: "one" }), "200 one again");
});

test("while the first is at work the second is told so", async () => {
  const go = signal();
  const ask = setup(async () => {
    await go.promise;
    return text("done");
  });
  const first = ask("k");
  assert.equal(await ask("k"), "409 http/idempotency_in_progress 1");
  assert.equal(await ask("k", { body: "other" }), "http/unprocessable");
  go.fire();
  assert.equal(await first, "200 done");
  assert.equal(await ask("k"), "200 done again");
});

test("an answer that is too long reaches its client, is not kept, and not made twice", async () => {
  let n = 0;
  const long = "x".repeat(100);
  for (const handler of [
    () => text(long),
    () => stream(ReadableStream.from([Buffer.from(long.slice(50)), Buffer.from(long.slice(50))])),
  ]) {
    n = 0;
    const ask = setup(() => (n++, handler()), { maxBodyBytes: 99 });
    assert.equal(await ask("k"), `200 ${long}`);
    assert.equal(await ask("k"), "http/idempotency_lost");
    assert.equal(n, 1);
  }
});

test("the memory is bounded in number and in time", async () => {
  let now = 0;
  const clock = { now: () => now, elapsed: () => now };
  let n = 0;
  const go = signal();
  const handler: Handler = async (_ctx, req) => {
    if (req.path === "/slow") await go.promise;
    return text(String(++n));
  };
  const ask = setup(handler, { store: idempotencyMemory({ maxKeys: 2, ttlMs: 1000, clock }) });
  assert.deepEqual([await ask("a"), await ask("b"), await ask("c")], ["200 1", "200 2", "200 3"]);
  assert.deepEqual([await ask("b"), await ask("c")], ["200 2 again", "200 3 again"]);
  assert.equal(await ask("a"), "200 4", "forgotten");
  now = 1000;
  assert.equal(await ask("c"), "200 5", "too old");
  const slow = [ask("s1", { url: "/slow" }), ask("s2", { url: "/slow" })];
  assert.equal(await ask("d"), "http/idempotency_full");
  go.fire();
  await Promise.all(slow);
  assert.match(await ask("d"), /^200/);
  assert.throws(() => idempotencyMemory({ maxKeys: 0 }), RangeError);
});

test("over a real server a body is read for the key and for the handler", async () => {
  let n = 0;
  const router = new Router().use(idempotencyKey({ owner: () => "a" })).post("/", async (_ctx, req) => {
    const fromWeb = req.header("x-web") === undefined ? await req.json() : await req.web.json();
    return json({ n: ++n, fromWeb });
  });
  await using up = await serve(router);
  for (const [key, extra] of [
    ["a", {}],
    ["b", { "x-web": "1" }],
  ] as const) {
    const ask = async (): Promise<[string, string | null]> => {
      const headers = { "content-type": "application/json", "idempotency-key": key, ...extra };
      const res = await fetch(up.server.url, { method: "POST", body: '{"a":1}', headers });
      return [await res.text(), res.headers.get("idempotent-replayed")];
    };
    const [body] = await ask();
    assert.deepEqual(JSON.parse(body), { n, fromWeb: { a: 1 } });
    assert.deepEqual(await ask(), [body, "true"]);
  }
  assert.deepEqual(up.logged, []);
});
