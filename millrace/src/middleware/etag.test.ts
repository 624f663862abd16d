import assert from "node:assert/strict";
import { test } from "node:test";
import { type Handler, Router, json, stream, text } from "../http/index.ts";
import { FakeExchange } from "../http/testing/fake-exchange.ts";
import { serve } from "../http/node/testing/setup.ts";
import { type EtagOptions, etag } from "./etag.ts";
import { headerOf } from "./on-reply.ts";

async function ask(
  handler: Handler,
  headers: Record<string, string> = {},
  { method = "GET", ...options }: EtagOptions & { method?: string } = {},
): Promise<{ status: number; tag: string | undefined; body: unknown; type: string }> {
  const router = new Router().use(etag(options)).handle("/", handler).handler();
  const reply = await new FakeExchange({ method, headers }).call(router);
  return { status: reply.status, tag: headerOf(reply, "etag"), body: reply.body, type: reply.type };
}

const hello: Handler = () => text("hello");

test("a body has a tag of its bytes, strong or weak", async () => {
  const { status, tag, body } = await ask(hello);
  assert.equal(status, 200);
  assert.equal(body, "hello");
  assert.match(tag!, /^"[\w-]{27}"$/);
  assert.equal((await ask(hello, {}, { weak: true })).tag, `W/${tag}`);
  assert.notEqual((await ask(() => text("other"))).tag, tag);
  assert.equal((await ask(() => new Response("hello"))).tag, undefined, "a native body is a stream");
});

test("conditions", async (t) => {
  const tag = (await ask(hello)).tag!;
  const own: Handler = () => text("hello").header("etag", 'W/"a,b"');
  const dated: Handler = () => text("hello").header("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT");
  const cases: { name: string; handler?: Handler; headers: Record<string, string>; method?: string; want: number }[] = [
    { name: "the same", headers: { "if-none-match": tag }, want: 304 },
    { name: "the same, weak", headers: { "if-none-match": `W/${tag}` }, want: 304 },
    { name: "in a list", headers: { "if-none-match": `"x", ${tag}` }, want: 304 },
    { name: "any", headers: { "if-none-match": "*" }, want: 304 },
    { name: "HEAD", headers: { "if-none-match": tag }, method: "HEAD", want: 304 },
    { name: "POST", headers: { "if-none-match": tag }, method: "POST", want: 200 },
    { name: "another", headers: { "if-none-match": '"x"' }, want: 200 },
    { name: "no tag", headers: { "if-none-match": "x" }, want: 200 },
    { name: "a part of it", headers: { "if-none-match": tag.slice(0, -2) + '"' }, want: 200 },
    { name: "if-match", headers: { "if-match": tag }, want: 200 },
    { name: "if-match, weak", headers: { "if-match": `W/${tag}` }, want: 412 },
    { name: "if-match another", headers: { "if-match": '"x"' }, want: 412 },
    { name: "an own tag with a comma", handler: own, headers: { "if-none-match": '"x", W/"a,b"' }, want: 304 },
    { name: "half of an own tag", handler: own, headers: { "if-none-match": '"a"' }, want: 200 },
    { name: "a date", handler: dated, headers: { "if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT" }, want: 304 },
    { name: "before it", handler: dated, headers: { "if-modified-since": "Sun, 06 Nov 1994 08:49:36 GMT" }, want: 200 },
    { name: "no date", handler: dated, headers: { "if-modified-since": "0" }, want: 200 },
    { name: "an error", handler: () => json({}, { status: 404 }), headers: { "if-none-match": "*" }, want: 404 },
    { name: "a stream", handler: () => stream(ReadableStream.from([])), headers: { "if-none-match": "*" }, want: 200 },
  ];
  for (const { name, handler = hello, headers, method = "GET", want } of cases) {
    await t.test(name, async () => assert.equal((await ask(handler, headers, { method })).status, want));
  }
});

test("a 412 is a problem, without what described the body", async () => {
  await using up = await serve(
    new Router().use(etag()).get("/", () => json({ a: 1 }).header("content-encoding", "identity")),
  );
  const response = await fetch(up.server.url, { headers: { "if-match": '"x"' } });
  assert.equal(response.status, 412);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(response.headers.get("content-encoding"), null);
  // It is ours, as the type says.
  const { reason, status } = (await response.json()) as { reason: string; status: number };
  assert.deepEqual([reason, status], ["http/precondition_failed", 412]);
});

test("over a real server a 304 has the tag and no body", async () => {
  await using up = await serve(
    new Router().use(etag()).get("/", () => json({ a: 1 }).header("cache-control", "no-cache")),
  );
  const first = await fetch(up.server.url);
  assert.equal(await first.text(), '{"a":1}');
  const tag = first.headers.get("etag")!;
  const second = await fetch(up.server.url, { headers: { "if-none-match": tag } });
  assert.equal(second.status, 304);
  assert.equal(await second.text(), "");
  assert.equal(second.headers.get("etag"), tag);
  assert.equal(second.headers.get("cache-control"), "no-cache");
  assert.equal(second.headers.get("content-type"), null);
});
