import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { sendCancel } from "./cancel.ts";

// A server that answers one connection and remembers what it was sent.
async function serve(
  answer: (socket: net.Socket, chunk: Buffer) => void,
): Promise<{ readonly port: number; readonly got: () => Buffer } & AsyncDisposable> {
  let got = Buffer.alloc(0);
  const server = net.createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      got = Buffer.concat([got, chunk]);
      answer(socket, chunk);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as net.AddressInfo).port,
    got: () => got,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

const target = (port: number, ssl: boolean): Parameters<typeof sendCancel>[0] => ({
  address: { host: "127.0.0.1", port },
  servername: "localhost",
  ssl,
  direct: false,
  processId: 7,
  secretKey: -2,
});

test("16 bytes, and the wait for the server to hang up", async () => {
  let hungUp = false;
  await using server = await serve((socket) => {
    setImmediate(() => {
      hungUp = true;
      socket.end();
    });
  });
  await sendCancel(target(server.port, false));
  assert.ok(hungUp);
  assert.equal(server.got().toString("hex"), "0000001004d2162e00000007fffffffe");
});

test("without an answer it is over after 3 seconds", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sent = Promise.withResolvers<void>();
  await using server = await serve(() => sent.resolve());
  const request = sendCancel(target(server.port, false));
  request.catch(() => undefined);
  await sent.promise;
  t.mock.timers.tick(3000);
  await assert.rejects(request, /no answer within 3000 ms/);
});

test("a key is not sent in clear to a server that has no TLS", async () => {
  await using server = await serve((socket) => socket.write("N"));
  await assert.rejects(sendCancel(target(server.port, true)), /does not support TLS/);
  assert.equal(server.got().toString("hex"), "0000000804d2162f");
});

test("a server that is not there", async () => {
  await assert.rejects(sendCancel(target(1, false)), /ECONNREFUSED/);
});
