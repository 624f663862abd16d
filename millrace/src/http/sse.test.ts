import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep, withCancel, background } from "../context/index.ts";
import { bubble } from "../test/bubble.ts";
import { Router, type SseEvent, lastEventId, sse } from "./index.ts";
import { serve, signal, within } from "./node/testing/setup.ts";
import { FakeExchange } from "./testing/fake-exchange.ts";

async function* list(...events: SseEvent[]): AsyncGenerator<SseEvent> {
  yield* events;
}

async function frames(source: AsyncIterable<SseEvent>): Promise<string[]> {
  const out: string[] = [];
  for await (const frame of sse(background, source).body as AsyncIterable<string>) out.push(frame);
  return out;
}

test("frames are those of the specification", async (t) => {
  const cases: { event: SseEvent; want: string }[] = [
    { event: { data: "a" }, want: "data: a\n\n" },
    { event: { data: "a\nb\r\nc\rd" }, want: "data: a\ndata: b\ndata: c\ndata: d\n\n" },
    { event: { data: "" }, want: "data: \n\n" },
    { event: { data: "\n" }, want: "data: \ndata: \n\n" },
    { event: { id: "1", event: "e", data: "x", retryMs: 1500.7 }, want: "retry: 1500\nid: 1\nevent: e\ndata: x\n\n" },
    { event: { id: "" }, want: "id: \n\n" },
    { event: { comment: "a\ndata: b" }, want: ": a\n: data: b\n\n" },
  ];
  for (const { event, want } of cases) {
    await t.test(JSON.stringify(event), async () => assert.deepEqual(await frames(list(event)), [":\n\n", want]));
  }
  for (const bad of [{ id: "a\nb" }, { id: "a\0" }, { event: "a\rb" }])
    await assert.rejects(frames(list(bad)), TypeError);
});

test("a silence is filled with comments", async () => {
  await bubble(async () => {
    const source = (async function* (): AsyncGenerator<SseEvent> {
      await sleep(background, 25_000);
      yield { data: "late" };
    })();
    const got: [number, string][] = [];
    const reply = sse(background, source, { heartbeatMs: 10_000 });
    for await (const frame of reply.body as AsyncIterable<string>) got.push([performance.now(), frame]);
    assert.deepEqual(got, [
      [0, ":\n\n"],
      [10_000, ":\n\n"],
      [20_000, ":\n\n"],
      [25_000, "data: late\n\n"],
    ]);
  });
});

test("it ends with ctx, and gives the source back", async () => {
  const ctx = withCancel(background);
  const returned = signal();
  const source: AsyncIterable<SseEvent> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => undefined),
      return: async () => {
        returned.fire();
        return { done: true, value: undefined };
      },
    }),
  };
  const body = (sse(ctx, source).body as AsyncIterable<string>)[Symbol.asyncIterator]();
  await body.next();
  const next = body.next();
  ctx.cancel();
  assert.equal((await within(5000, next)).done, true);
  await within(5000, returned.promise);
});

test("what the source throws breaks the stream, and is not asked again", async () => {
  let asked = 0;
  const source: AsyncIterable<SseEvent> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        if (++asked === 2) throw new Error("the source is broken");
        return { done: false, value: { data: "a" } };
      },
    }),
  };
  const got: string[] = [];
  await assert.rejects(async () => {
    for await (const frame of sse(background, source).body as AsyncIterable<string>) got.push(frame);
  }, /the source is broken/);
  assert.deepEqual([got, asked], [[":\n\n", "data: a\n\n"], 2]);
});

test("Last-Event-ID is UTF-8", () => {
  const header = Buffer.from("ä1").toString("latin1");
  assert.equal(lastEventId(new FakeExchange({ headers: { "last-event-id": header } })), "ä1");
  assert.equal(lastEventId(new FakeExchange()), undefined);
});

test("over a real server: as fast as it is read, and over when the page goes", async () => {
  let made = 0;
  const over = signal();
  const router = new Router().get("/", (ctx) =>
    sse(
      ctx,
      (async function* () {
        try {
          for (;;) yield { data: `${made++} ${"x".repeat(10_000)}` };
        } finally {
          over.fire();
        }
      })(),
    ),
  );
  await using up = await serve(router);
  const page = new AbortController();
  const res = await fetch(up.server.url, { signal: page.signal });
  assert.equal(res.headers.get("content-type"), "text/event-stream");
  assert.equal(res.headers.get("cache-control"), "no-store");
  // Nobody reads: it stands still when the buffers between are full.
  for (let before = -1; before !== made;) {
    before = made;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(made < 5000, `${made} events of 10 kB for nobody`);
  page.abort();
  await within(5000, over.promise);
});
