import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { quantile, sendPaced } from "./pace.ts";

test("a quantile is a value that was there", () => {
  assert.deepEqual(
    [0, 0.5, 0.99, 1].map((q) => quantile([1, 2, 3, 4], q)),
    [1, 2, 4, 4],
  );
  assert.equal(quantile([7], 0.5), 7);
});

test("a request that waits for a server that stalls is as late as it was due", { timeout: 60_000 }, async () => {
  let seen = 0;
  const server = createServer((_request, response) => {
    // Everything stands still once; the requests that became due meanwhile were not answered sooner.
    if (++seen === 10) for (const end = performance.now() + 200; performance.now() < end;);
    response.setHeader("content-length", 5).end("hello");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A TCP server's address is an object.
  const { port } = server.address() as AddressInfo;
  const taken = await sendPaced(port, { path: "/", body: "hello", connections: 2, requests: 300, perMs: 1 });
  server.closeAllConnections();
  server.close();
  assert.equal(taken.length, 300);
  assert.ok(quantile(taken, 0.99) > 100, `p99 is ${quantile(taken, 0.99)} ms`);
});
