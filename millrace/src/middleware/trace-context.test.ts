import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { type Ctx, withTimeout } from "../context/index.ts";
import { newClient } from "../http/client/index.ts";
import { Router, json } from "../http/index.ts";
import { serve } from "../http/node/testing/setup.ts";
import { proxy } from "../http/proxy/index.ts";
import { logAttrs } from "../log/index.ts";
import { accessLog, requestId, traceContext } from "./index.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const schema = z.object({
  traceparent: z.string(),
  state: z.string(),
  id: z.string(),
  attrs: z.record(z.string(), z.string()),
});
type Seen = z.infer<typeof schema>;

async function chain(headers: Record<string, string>, path = "/"): Promise<{ first: Seen; last: Seen }> {
  // What the last one of the three is sent, and what a line of its log would carry.
  await using last = await serve(
    new Router().use(requestId(), traceContext()).get("/**", (ctx, req) => {
      const derived: Ctx = withTimeout(ctx, 1000);
      return json({
        traceparent: req.header("traceparent"),
        state: req.header("tracestate") ?? "",
        id: req.requestId,
        attrs: derived.get(logAttrs),
      });
    }),
  );
  await using client = newClient({ baseUrl: last.server.url });
  await using first = await serve(
    new Router()
      .use(requestId(), traceContext())
      .get("/", async (ctx, req) => {
        const { traceId = "", spanId = "" } = req.trace ?? {};
        const own = { traceparent: `${traceId}-${spanId}`, state: "", id: req.requestId, attrs: ctx.get(logAttrs) };
        return json({ first: own, last: await client.get(ctx, "/", { schema }) });
      })
      .get("/proxied", proxy(client)),
  );
  const response = await fetch(first.server.url + path, { headers });
  // The two handlers above are all that answers.
  return (await response.json()) as { first: Seen; last: Seen };
}

test("a trace goes through a server and a client to the next server", async () => {
  const { first, last } = await chain({
    traceparent: `00-${ID}-${PARENT}-01`,
    tracestate: "a=1,b=2",
    "x-request-id": "request-0001",
  });
  const [version, traceId, spanId, flags] = last.traceparent.split("-");
  assert.deepEqual([version, traceId, flags, last.state], ["00", ID, "01", "a=1,b=2"]);
  assert.equal(`${traceId}-${spanId}`, first.traceparent, "the first server's span is the parent");
  assert.notEqual(spanId, PARENT);
  assert.equal(last.id, "request-0001", "the request's id goes the same way");
  assert.deepEqual(last.attrs, { request_id: "request-0001", trace_id: ID }, "of a derived context, too");
});

test("without a valid traceparent a trace begins, and nothing of the broken one goes on", async () => {
  for (const headers of [{}, { traceparent: `00-${ID}-${PARENT}-1`, tracestate: "a=1" }]) {
    const { first, last } = await chain(headers);
    const [, traceId = "", spanId, flags] = last.traceparent.split("-");
    assert.equal(`${traceId}-${spanId}`, first.traceparent);
    assert.notEqual(traceId, ID);
    assert.deepEqual([flags, last.state, last.attrs["trace_id"]], ["00", "", traceId]);
  }
});

test("a proxy is a part of the trace as well", async () => {
  // The proxy passes the last one's answer on as it is.
  const good = { traceparent: `00-${ID}-${PARENT}-01`, tracestate: "a=1" };
  const seen = (await chain(good, "/proxied")) as unknown as Seen;
  assert.match(seen.traceparent, new RegExp(`^00-${ID}-(?!${PARENT})`));
  assert.equal(seen.state, "a=1");
  const broken = (await chain({ ...good, traceparent: "00" }, "/proxied")) as unknown as Seen;
  assert.doesNotMatch(broken.traceparent, new RegExp(ID));
  assert.equal(broken.state, "");
});

test("the access log names the trace", async () => {
  const dir = mkdtempSync(join(tmpdir(), "trace-"));
  const fd = openSync(join(dir, "log"), "a");
  try {
    await using up = await serve(new Router().use(traceContext(), accessLog({ fd })).get("/", () => json(1)));
    await (await fetch(up.server.url, { headers: { traceparent: `00-${ID}-${PARENT}-01` } })).text();
    let text = "";
    for (const end = performance.now() + 5000; text === "" && performance.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      text = readFileSync(join(dir, "log"), "utf8");
    }
    // A line of the log is what access-log.ts writes.
    assert.equal((JSON.parse(text) as { trace_id: string }).trace_id, ID);
  } finally {
    closeSync(fd);
    rmSync(dir, { recursive: true });
  }
});
