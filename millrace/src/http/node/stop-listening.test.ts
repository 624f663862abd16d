import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { type Server, createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { type TestContext, test } from "node:test";
import { background, withTimeout } from "../../context/index.ts";
import { text } from "../reply.ts";
import { openAcceptQueue } from "./accept-queue.ts";
import { stopListening } from "./stop-listening.ts";
import type { Told } from "./testing/load-client.ts";
import { rawClient } from "./testing/raw-client.ts";
import { serve, within } from "./testing/setup.ts";

// Elsewhere the queue cannot be seen, and no such promise is made.
const linux = process.platform === "linux";

test("ten shutdowns reset none of the connections that another process keeps opening", { skip: !linux }, async (t) => {
  const client = fork(new URL("testing/load-client.ts", import.meta.url));
  t.after(() => client.kill());
  const told = (is: (told: Told) => boolean): Promise<Told> =>
    within(
      10_000,
      new Promise((resolve) => {
        client.on("message", function look(message: Told) {
          if (!is(message)) return;
          client.off("message", look);
          resolve(message);
        });
      }),
    );
  client.setMaxListeners(0);
  const ends: Promise<Told>[] = [];
  for (let i = 0; i < 10; i++) {
    await using up = await serve(() => text("ok"));
    const { url } = up.server;
    const begun = told((told) => "begun" in told && told.begun === url);
    ends.push(told((told) => "ended" in told && told.ended === url));
    client.send(url);
    await begun;
    using ctx = withTimeout(background, 5000);
    assert.deepEqual(await up.server.shutdown(ctx), { forced: 0, unsettled: 0 });
  }
  for (const end of await Promise.all(ends)) {
    assert("ended" in end);
    assert.deepEqual([...new Set(end.failures)], ["ECONNREFUSED"]);
  }
});

for (const host of ["127.0.0.1", "0.0.0.0", "::1", "::"]) {
  test(`on ${host} the server sees its own call alone in the queue, and closes`, { skip: !linux }, async (t) => {
    const server = await open(t, host);
    const port = portOf(server);
    let accepted = 0;
    server.on("connection", () => accepted++);
    using queue = openAcceptQueue(server);
    await stopListening(server, queue);
    assert.equal(server.listening, false);
    await assert.rejects(once(connect(port, host), "connect"), { code: "ECONNREFUSED" });
    assert.equal(accepted, 0);
  });
}

test("the queue holds only the caller when nobody else is in it", { skip: !linux }, async (t) => {
  const server = await open(t, "127.0.0.1");
  using queue = openAcceptQueue(server);
  assert(queue);
  assert.equal(queue.waiting(), 0);
  const first = connect(portOf(server), "127.0.0.1");
  await nextTick();
  const port = first.localPort ?? 0;
  const seen = [queue.waiting(), queue.holdsOnly(port), queue.holdsOnly(1)];
  const second = connect(portOf(server), "127.0.0.1");
  await nextTick();
  seen.push(queue.waiting(), queue.holdsOnly(port));
  first.destroy();
  second.destroy();
  assert.deepEqual(seen, [1, true, false, 2, false]);
});

test("a server that cannot see its queue stops listening, too, and keeps what it has accepted", async (t) => {
  const server = await open(t, "127.0.0.1");
  const addr = `127.0.0.1:${portOf(server)}`;
  using client = await rawClient(addr);
  await stopListening(server, undefined);
  await assert.rejects(rawClient(addr), { code: "ECONNREFUSED" });
  client.send("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  assert.match(await client.end(), /200 OK/);
});

test("a server that does not listen has no queue", () => {
  assert.equal(openAcceptQueue(createServer()), undefined);
});

// After this Node has issued the connects that came before, and the loop has not gone on.
function nextTick(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function portOf(server: Server): number {
  // A TCP server's address is an object.
  return (server.address() as AddressInfo).port;
}

async function open(t: TestContext, host: string): Promise<Server> {
  const server = createServer((_req, res) => res.end("ok"));
  t.after(() => server.close());
  server.listen(0, host);
  await once(server, "listening");
  return server;
}
