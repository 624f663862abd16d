import { once } from "node:events";
import { type Socket, connect } from "node:net";

/** RawClient speaks bytes: for what no HTTP client would send. */
export class RawClient {
  readonly socket: Socket;
  received = "";
  closed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => (this.received += chunk.toString("latin1")));
    socket.on("close", () => (this.closed = true));
    // A reset is a way of closing here.
    socket.on("error", () => undefined);
  }

  send(text: string): void {
    this.socket.write(text, "latin1");
  }

  /** until waits until what was received matches. */
  async until(pattern: RegExp, timeoutMs = 5000): Promise<string> {
    const signal = AbortSignal.timeout(timeoutMs);
    while (!pattern.test(this.received)) {
      if (this.closed) throw new Error(`closed before ${String(pattern)}: ${JSON.stringify(this.received)}`);
      await Promise.race([once(this.socket, "data", { signal }), once(this.socket, "close", { signal })]).catch(() => {
        throw new Error(`no ${String(pattern)} in time: ${JSON.stringify(this.received)}`);
      });
    }
    return this.received;
  }

  /** end waits until the server has closed and gives all that was received. */
  async end(timeoutMs = 5000): Promise<string> {
    if (!this.closed) {
      await once(this.socket, "close", { signal: AbortSignal.timeout(timeoutMs) }).catch(() => {
        throw new Error(`not closed in time: ${JSON.stringify(this.received)}`);
      });
    }
    return this.received;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** rawClient connects to a server's address. */
export async function rawClient(addr: string): Promise<RawClient> {
  const [host, port] = addr.split(":");
  const socket = connect({ host: host!, port: Number(port) });
  await once(socket, "connect");
  return new RawClient(socket);
}
