import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { Handler } from "../handler.ts";
import { stream } from "../reply.ts";
import { rawClient } from "./testing/raw-client.ts";
import { serve, signal, within } from "./testing/setup.ts";

const GET = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
const PIECE = new Uint8Array(64 * 1024);

interface Source {
  readonly name: string;
  /** make gives a handler of an endless stream that counts its pieces and tells when it is stopped. */
  readonly make: (onPiece: () => void, onStop: () => void) => Handler;
}

const sources: Source[] = [
  {
    name: "a ReadableStream",
    make: (onPiece, onStop) => () =>
      stream(
        new ReadableStream({
          pull: (controller) => {
            onPiece();
            controller.enqueue(PIECE);
          },
          cancel: onStop,
        }),
      ),
  },
  {
    name: "a native Response",
    make: (onPiece, onStop) => () =>
      new Response(
        new ReadableStream({
          pull: (controller) => {
            onPiece();
            controller.enqueue(PIECE);
          },
          cancel: onStop,
        }),
      ),
  },
  {
    name: "a generator",
    make: (onPiece, onStop) => () => {
      async function* pieces(): AsyncGenerator<Uint8Array> {
        try {
          for (;;) {
            onPiece();
            yield PIECE;
          }
        } finally {
          onStop();
        }
      }
      return stream(pieces());
    },
  },
  {
    name: "a Node stream",
    make: (onPiece, onStop) => () =>
      stream(
        new Readable({
          read() {
            onPiece();
            this.push(PIECE);
          },
          destroy: (_err, done) => {
            onStop();
            done(null);
          },
        }),
      ),
  },
];

for (const { name, make } of sources) {
  test(`${name} waits for a client that does not read, and is stopped when it goes`, async () => {
    let pieces = 0;
    const flowing = signal();
    const stopped = signal();
    const handler = make(() => {
      pieces++;
      flowing.fire();
    }, stopped.fire);
    await using up = await serve(handler);
    using client = await rawClient(up.server.addr);
    client.socket.pause();
    client.send(GET);
    await flowing.promise;
    // Until the pieces stop coming: the kernel's buffers are full then.
    for (let before = -1; before !== pieces;) {
      before = pieces;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.ok(pieces < 400, `${pieces} pieces of 64 kB for a client that reads nothing`);
    client.socket.destroy();
    await within(1000, stopped.promise);
    await up.server[Symbol.asyncDispose]();
    assert.equal(up.server.inFlight, 0);
    assert.deepEqual(up.logged, []);
  });
}

test("a stream that fails breaks the connection and is logged", async () => {
  async function* failing(): AsyncGenerator<string> {
    yield "begin";
    throw new Error("boom");
  }
  await using up = await serve(() => stream(failing(), { type: "text/plain" }));
  using client = await rawClient(up.server.addr);
  client.send(GET);
  const received = await client.end();
  assert.match(received, /begin/);
  assert.doesNotMatch(received, /\r\n0\r\n\r\n/);
  assert.deepEqual(
    up.logged.map((line) => line.message),
    ["http: the answer's stream has failed"],
  );
});

test("a Response that promises another length than it has breaks the connection", async () => {
  for (const length of ["3", "9"]) {
    await using up = await serve(
      () => new Response(new Blob(["four!"]).stream(), { headers: { "content-length": length } }),
    );
    using client = await rawClient(up.server.addr);
    client.send(GET);
    await client.end();
    assert.equal(up.logged.length, 1, length);
  }
  await using up = await serve(() => new Response("four", { headers: { "content-length": "4" } }));
  using client = await rawClient(up.server.addr);
  client.send(GET + GET);
  await client.until(/content-length: 4[^]*four[^]*four$/);
});

test("a deadline cuts a stream", async () => {
  const stopped = signal();
  await using up = await serve((_ctx, req) => {
    req.setDeadline(100);
    return stream(new ReadableStream({ pull: () => new Promise(() => undefined), cancel: stopped.fire }));
  });
  using client = await rawClient(up.server.addr);
  client.send(GET);
  await client.end(2000);
  await within(1000, stopped.promise);
});
