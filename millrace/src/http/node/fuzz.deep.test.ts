import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Router } from "../router.ts";
import { json, text } from "../reply.ts";
import { rawClient } from "./testing/raw-client.ts";
import { serve } from "./testing/setup.ts";

const RUNS = 3000;
const TIME_MS = 120_000;

const WHOLE = [
  "GET /a/1?x=%41 HTTP/1.1\r\nhost: x\r\nx-request-id: abc\r\n\r\n",
  'POST /body HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n{"a": 1}',
  "POST /body HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n3\r\n[1]\r\n0\r\n\r\n",
  "POST /body HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
  "OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n",
  "HEAD http://x/a/%zz HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
];

// Whole requests one after another, with bytes changed, taken away, doubled and put in between.
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat(8),
  insert: fc.oneof(
    fc.constantFrom("", "\r\n", "\0", "\r\n\r\n", ": ", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "é"),
    fc.string({ unit: "binary-ascii", maxLength: 6 }),
  ),
});
const bytes = fc
  .tuple(fc.array(fc.constantFrom(...WHOLE), { minLength: 1, maxLength: 3 }), fc.array(edit, { maxLength: 4 }))
  .map(([requests, edits]) =>
    edits.reduce((all, { at, remove, insert }) => {
      const from = Math.floor(at * all.length);
      return all.slice(0, from) + insert + all.slice(from + remove);
    }, requests.join("")),
  );

test("whatever bytes come, the server answers well-formed heads below 500, closes or waits, and lives", async () => {
  const router = new Router()
    .get("/a/:b", (_ctx, req) => text(req.params.b))
    .post("/body", async (_ctx, req) => json(await req.json()));
  await using up = await serve(router, { headersTimeoutMs: 300, requestTimeoutMs: 300, checkIntervalMs: 100 });
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(bytes, fc.array(fc.nat(200), { maxLength: 3 }), async (sent, cuts) => {
      using client = await rawClient(up.server.addr);
      let from = 0;
      for (const cut of cuts.toSorted((a, b) => a - b)) {
        client.send(sent.slice(from, cut));
        from = Math.max(from, cut);
      }
      client.send(sent.slice(from));
      // Whatever state that has left the server in: this ends the connection, or the limits do.
      client.send("GET /a/end HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
      const received = await client.end(10_000);
      // What HTTP knows and the server does not: a method, a version, a coding.
      for (const [, status] of received.matchAll(/HTTP\/1\.1 (\d{3}) /g))
        assert.ok(Number(status) < 500 || status === "501" || status === "505", received);
      assert.ok(received === "" || received.startsWith("HTTP/1.1 "), received);
      if (received !== "") answered++;
    }),
    { numRuns: RUNS, interruptAfterTimeLimit: TIME_MS },
  );
  assert.ok(answered > RUNS / 10, `${answered} answers`);
  assert.deepEqual(up.logged, []);
  assert.equal(await (await fetch(`${up.server.url}/a/lives`)).text(), "lives");
  assert.equal(up.server.inFlight, 0);
});
