import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { Socket } from "node:net";
import { test } from "node:test";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { bubble } from "../bubble.ts";
import { memoryPipe } from "./memory-pipe.ts";

// Unlike iteration it leaves the other direction open.
const text = async (socket: Socket): Promise<string> => {
  let all = "";
  socket.on("data", (bytes: Buffer | string) => (all += String(bytes)));
  await once(socket, "end");
  return all;
};

const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await turn();
};

test("both ends are net.Sockets with addresses", () => {
  const { client, server } = memoryPipe({ clientAddr: "10.1.2.3:4567", serverAddr: "[::1]:443" });
  const { remoteAddress, remotePort, remoteFamily, localAddress, localPort } = server;
  assert.ok(client instanceof Socket && server instanceof Socket);
  assert.deepEqual([remoteAddress, remotePort, remoteFamily], ["10.1.2.3", 4567, "IPv4"]);
  assert.deepEqual([localAddress, localPort], ["::1", 443]);
  assert.deepEqual(client.address(), { address: "10.1.2.3", port: 4567, family: "IPv4" });
  assert.deepEqual([client.connecting, client.pending, client.readyState], [false, false, "open"]);
  assert.equal(client.setNoDelay().setKeepAlive().ref().unref(), client);
});

test("bytes go both ways, in order, and are counted", async () => {
  const { client, server } = memoryPipe();
  server.setEncoding("utf8");
  client.write("one ");
  client.write(Buffer.from("two "));
  client.end("dHJvaXM=", "base64");
  assert.equal(await text(server), "one two trois");
  server.end("answer");
  assert.equal(await text(client), "answer");
  assert.deepEqual([client.bytesWritten, server.bytesRead, client.bytesRead], [13, 13, 6]);
});

test("a half-closed end still answers, and a client's end follows its server's", async () => {
  const first = memoryPipe();
  first.client.end();
  first.server.resume();
  await once(first.server, "end");
  assert.equal(first.server.writable, true);
  first.server.end("late");
  assert.equal(await text(first.client), "late");
  await settle();
  assert.equal(first.client.readyState, "closed");
  const second = memoryPipe();
  second.server.end("bye");
  assert.equal(await text(second.client), "bye");
  await settle();
  assert.equal(second.client.writable, false, "the client ends when the server has");
});

test("whoever does not read is not written to for ever", async () => {
  const { client, server } = memoryPipe({ maxBytes: 1000 });
  let written = 0;
  while (client.write("x".repeat(100))) written += 100;
  await settle();
  while (client.write("x".repeat(100), () => (written += 100)));
  await settle();
  assert.ok(client.writableLength >= 1000 && client.writableLength < 1200, `${client.writableLength}`);
  assert.ok(server.readableLength <= 1000 + 1000, `${server.readableLength}`);
  const drained = once(client, "drain");
  server.resume();
  await drained;
  await settle();
  assert.equal(client.writableLength, 0);
});

function fail(socket: Socket): void {
  socket.on("error", () => {}).destroy(new Error("x"));
}

test("destroying", async (t) => {
  const cases: { name: string; act: (pipe: ReturnType<typeof memoryPipe>) => void; sees: string }[] = [
    { name: "after reading all is an end", act: ({ client }) => void client.destroy(), sees: "end" },
    { name: "with an error is one, too", act: ({ client }) => fail(client), sees: "end" },
    { name: "resetAndDestroy is a reset", act: ({ client }) => void client.resetAndDestroy(), sees: "ECONNRESET" },
    {
      name: "with something unread is a reset",
      act: ({ client, server }) => {
        server.write("unread");
        setImmediate(() => client.destroy());
      },
      sees: "ECONNRESET",
    },
    {
      name: "destroySoon writes first",
      act: ({ client }) => (client.write("last"), client.destroySoon()),
      sees: "last end",
    },
  ];
  for (const { name, act, sees } of cases) {
    await t.test(name, async () => {
      const pipe = memoryPipe();
      const seen: string[] = [];
      pipe.server.on("data", (bytes: Buffer) => seen.push(String(bytes)));
      pipe.server.on("end", () => seen.push("end"));
      pipe.server.on("error", (err: NodeJS.ErrnoException) => seen.push(err.code ?? ""));
      act(pipe);
      await settle();
      assert.equal(seen.join(" "), sees);
      assert.equal(pipe.client.destroyed, true);
    });
  }
});

test("writing to one that has gone is an error", async () => {
  const { client, server } = memoryPipe();
  client.destroy();
  const failed = once(server, "error");
  server.resume().write("hello");
  const [err] = (await failed) as [NodeJS.ErrnoException];
  assert.equal(err.code, "EPIPE");
});

test("timeouts are of what is idle, and end with the socket", async () => {
  await bubble(async () => {
    const { client, server } = memoryPipe();
    client.resume();
    server.resume();
    const fired: number[] = [];
    assert.equal(client.setTimeout(1000, () => fired.push(performance.now())).timeout, 1000);
    await wait(600);
    client.write("x");
    await wait(600);
    server.write("y");
    await wait(1500);
    assert.deepEqual(fired, [2200]);
    client.setTimeout(1000);
    client.setTimeout(0);
    await wait(5000);
    client.setTimeout(1000, () => fired.push(performance.now()));
    client.destroy();
    await wait(5000);
    assert.equal(fired.length, 1);
  });
});

test("events happen where the pipe was made, a writer's callback where he wrote", async () => {
  const store = new AsyncLocalStorage<string>();
  const { client, server } = store.run("maker", () => memoryPipe());
  const seen: unknown[] = [];
  server.on("data", () => seen.push(["data", store.getStore()]));
  await settle();
  store.run("writer", () => client.write("x", () => seen.push(["written", store.getStore()])));
  await settle();
  assert.deepEqual(seen, [
    ["data", "maker"],
    ["written", "writer"],
  ]);
});

test("what is no address or no size is refused", () => {
  for (const clientAddr of ["", "host", "host:70000", ":80"])
    assert.throws(() => memoryPipe({ clientAddr }), TypeError);
  for (const maxBytes of [0, -1, 1.5, NaN]) assert.throws(() => memoryPipe({ maxBytes }), RangeError);
});
