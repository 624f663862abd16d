import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, sleep, withTimeout } from "../../context/index.ts";
import { type T, explore, memoryPipe } from "../../test/index.ts";
import type { Handler } from "../handler.ts";
import { stream, text } from "../reply.ts";
import { listen } from "./listen.ts";
import type { Server } from "./server.ts";
import { Http2Client } from "./testing/http2-client.ts";
import { RawClient } from "./testing/raw-client.ts";

// A shutdown, requests and clients that leave, in many orders. What is left at the end of a run fails it by itself.
const LOOK = { runs: 60, maxSteps: 200_000 };
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;

interface World {
  readonly t: T;
  readonly server: Server;
  /** taken are the requests whose handlers were called, and canceled those whose contexts ended before. */
  readonly taken: string[];
  readonly canceled: string[];
  connect(): RawClient;
}

const inOrders = (body: (world: World) => Promise<void>) => async (): Promise<void> => {
  await explore(async (t) => {
    const taken: string[] = [];
    const canceled: string[] = [];
    const handler: Handler = async (ctx, req) => {
      taken.push(req.path);
      try {
        await sleep(ctx, req.path === "/slow" ? 60_000 : 5);
      } catch (err) {
        canceled.push(req.path);
        throw err;
      }
      return req.path === "/stream" ? stream(pieces(ctx)) : text(`ok ${req.path}`);
    };
    const log = { error: () => undefined };
    await using server = await listen(t.ctx, { addr: "memory", handler, log, idleGraceMs: 50 });
    const connect = (): RawClient => {
      const pipe = memoryPipe();
      server.accept(pipe.server);
      return new RawClient(pipe.client);
    };
    await body({ t, server, taken, canceled, connect });
    assert.equal(server.inFlight, 0);
  }, LOOK);
};

async function* pieces(ctx: Ctx): AsyncGenerator<string> {
  for (const piece of ["one ", "two ", "end"]) {
    await sleep(ctx, 3);
    yield piece;
  }
}

function shutdown({ t, server }: World, ms = 5000): Promise<unknown> {
  return (async () => {
    using ctx = withTimeout(t.ctx, ms);
    return await server.shutdown(ctx);
  })();
}

async function closed(world: World, client: RawClient): Promise<string> {
  while (!client.closed) await sleep(world.t.ctx, 5);
  return client.received;
}

const answers = (received: string): string[] => received.match(/ok \S+?(?=HTTP|$)/g) ?? [];

test(
  "whatever was taken up is answered, in order, and then the connections end",
  inOrders(async (world) => {
    const [first, second] = [world.connect(), world.connect()];
    first.send(get("/1") + get("/2"));
    const done = (async () => {
      await sleep(world.t.ctx, 3);
      return await shutdown(world);
    })();
    await sleep(world.t.ctx, 2);
    second.send(get("/3"));
    assert.deepEqual(await done, { forced: 0, unsettled: 0 });
    const got = [await closed(world, first), await closed(world, second)].flatMap(answers);
    assert.deepEqual(got.toSorted(), world.taken.map((path) => `ok ${path}`).toSorted());
    assert.deepEqual(world.canceled, []);
    assert.deepEqual(answers(first.received), ["ok /1", "ok /2"]);
  }),
);

test(
  "a client that leaves cancels its own request and no other's, and the shutdown goes on",
  inOrders(async (world) => {
    const [leaves, stays] = [world.connect(), world.connect()];
    leaves.send(get("/slow"));
    stays.send(get("/stays"));
    const gone = (async () => {
      await sleep(world.t.ctx, 3);
      leaves.socket.destroy();
    })();
    await sleep(world.t.ctx, 3);
    assert.deepEqual(await shutdown(world), { forced: 0, unsettled: 0 });
    await gone;
    assert.deepEqual(answers(await closed(world, stays)), ["ok /stays"]);
    assert.deepEqual(world.canceled, ["/slow"]);
  }),
);

test(
  "a stream goes on to its end, and what is wrong behind it is refused then",
  inOrders(async (world) => {
    const client = world.connect();
    client.send(`${get("/stream")}WRONG\0\r\n\r\n`);
    await sleep(world.t.ctx, 6);
    assert.deepEqual(await shutdown(world), { forced: 0, unsettled: 0 });
    const received = await closed(world, client);
    assert.match(received, /^HTTP\/1\.1 200 [^]*end\r\n0\r\n\r\n/);
    assert.equal(received.match(/HTTP\/1\.1/g)?.length, 2);
    assert.match(received, /HTTP\/1\.1 400 /);
  }),
);

test(
  "when the time is over, the request that runs and those that wait behind it are told so",
  inOrders(async (world) => {
    const client = world.connect();
    client.send(get("/slow") + get("/2") + get("/3"));
    await sleep(world.t.ctx, 5);
    assert.deepEqual(await shutdown(world, 20), { forced: 1, unsettled: 0 });
    const received = await closed(world, client);
    assert.ok((received.match(/HTTP\/1\.1 503 /g)?.length ?? 0) >= 1, received);
    assert.doesNotMatch(received, / 200 /);
    assert.deepEqual(world.taken, ["/slow"]);
  }),
);

test(
  "over HTTP/2: what was taken up is answered, and the session ends",
  inOrders(async (world) => {
    const pipe = memoryPipe();
    world.server.accept(pipe.server);
    using client = new Http2Client("http://memory", () => pipe.client);
    const asked = [client.ask("/1"), client.ask("/stream")];
    while (world.taken.length < 2) await sleep(world.t.ctx, 1);
    assert.deepEqual(await shutdown(world), { forced: 0, unsettled: 0 });
    assert.deepEqual(
      (await Promise.all(asked)).map(({ body }) => body),
      ["ok /1", "one two end"],
    );
    await client.closed;
  }),
);
