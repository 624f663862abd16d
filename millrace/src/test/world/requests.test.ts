import assert from "node:assert/strict";
import { pbkdf2 } from "node:crypto";
import { lookup } from "node:dns/promises";
import { createReadStream, readFile } from "node:fs";
import fs from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { promisify } from "node:util";
import { createGzip, gzip } from "node:zlib";
import { Requests } from "./requests.ts";
import { SmallWorld } from "./testing/small-world.ts";
import { worlds } from "./world.ts";

const asked: { name: string; ask: () => Promise<unknown> }[] = [
  { name: "a file, by promise", ask: () => fs.readFile(import.meta.filename) },
  { name: "a file, by callback", ask: () => promisify(readFile)(import.meta.filename) },
  { name: "a file that is not there", ask: () => fs.stat("/nowhere").catch(() => {}) },
  { name: "a folder", ask: async () => all(await fs.opendir(import.meta.dirname)) },
  { name: "a temporary folder", ask: async () => fs.rmdir(await fs.mkdtemp(join(tmpdir(), "requests-"))) },
  { name: "a stream of a file", ask: () => all(createReadStream(import.meta.filename)) },
  { name: "a name", ask: () => lookup("localhost") },
  { name: "a key", ask: () => promisify(pbkdf2)("a", "b", 10, 32, "sha1") },
  { name: "a digest", ask: () => crypto.subtle.digest("SHA-256", new Uint8Array(10)) },
  { name: "compression", ask: () => promisify(gzip)("x".repeat(300_000)) },
  {
    name: "a connection that is refused",
    ask: () => new Promise((resolve) => connect(1, "127.0.0.1").once("error", resolve)),
  },
];

async function all(values: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of values);
}

test("209: while the system owes a world an answer, it counts, and no longer", async (t) => {
  for (const { name, ask } of asked) {
    await t.test(name, async () => {
      using requests = new Requests();
      const [world, other] = [new SmallWorld(), new SmallWorld()];
      let most = 0;
      let done = false;
      const answer = worlds.run(world, ask).finally(() => (done = true));
      while (!done) {
        // Some begin in a tick, and are over in the next turn.
        for (let i = 0; i < 5; i++) {
          most = Math.max(most, requests.of(world));
          await new Promise((resolve) => process.nextTick(resolve));
        }
        assert.equal(requests.of(other), 0);
        await turn();
      }
      await answer;
      assert.ok(most > 0, "it was counted");
      assert.equal(requests.of(world), 0);
    });
  }
});

test("209: what is only open does not count", async () => {
  const world = new SmallWorld();
  using requests = new Requests();
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const [socket, zip] = await worlds.run(world, async () => {
    const opened = connect(port, "127.0.0.1");
    await new Promise((resolve) => opened.once("connect", resolve));
    return [opened, createGzip()] as const;
  });
  assert.equal(requests.of(world), 0);
  socket.destroy();
  zip.destroy();
  server.close();
});

test("209: outside of worlds nothing is counted, and nothing after the end", async () => {
  const world = new SmallWorld();
  const requests = new Requests();
  await fs.stat("/");
  assert.equal(requests.of(world), 0);
  requests[Symbol.dispose]();
  const stat = worlds.run(world, () => fs.stat("/"));
  assert.equal(requests.of(world), 0);
  await stat;
});
