import { once } from "node:events";
import { type Socket, createServer } from "node:net";

/** RawUpstream answers with bytes of its own, and knows those that it was sent. */
export interface RawUpstream extends AsyncDisposable {
  readonly url: string;
  readonly sockets: readonly Socket[];
  /** received is what each connection has sent. */
  readonly received: readonly string[];
}

/** rawUpstream calls answer with every piece that comes. */
export async function rawUpstream(answer: (socket: Socket, received: string) => void): Promise<RawUpstream> {
  const sockets: Socket[] = [];
  const received: string[] = [];
  const server = createServer((socket) => {
    const number = sockets.push(socket) - 1;
    received.push("");
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      received[number] += chunk.toString("latin1");
      answer(socket, received[number]!);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    sockets,
    received,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, "close");
    },
  };
}
