import { type AddressInfo, type Socket, isIPv6 } from "node:net";
import { MemorySocket } from "./socket.ts";

/** MemoryPipeOptions describes a connection. */
export interface MemoryPipeOptions {
  /** clientAddr is "host:port" or "[::1]:port", what the server sees of its client. @default "127.0.0.1:49152" */
  readonly clientAddr?: string;
  /** serverAddr is where the client believes to be connected to. @default "127.0.0.1:80" */
  readonly serverAddr?: string;
  /** maxBytes is what each end keeps for a reader that does not read, and as much again before a write is told so. @default 65536 */
  readonly maxBytes?: number;
}

/** MemoryPipe is a connection: what one end writes, the other reads. */
export interface MemoryPipe {
  readonly client: Socket;
  readonly server: Socket;
}

/**
 * memoryPipe is a connection without a network, for a real client and a real server in virtual time: while bytes are on
 * their way in it, time stands still, which cannot be said of the system's sockets.
 *
 *     const server = http.createServer(handler);
 *     http.get({ createConnection: () => {
 *       const { client, server: end } = memoryPipe();
 *       server.emit("connection", end);
 *       return client;
 *     } });
 *
 * Both ends are connected, behave as node:net's sockets, and know nothing of the system: the server's end may be half
 * closed, as those that a server accepts; whoever destroys what he has not read resets the connection. Its events happen
 * in the asynchronous context that it was made in. Source: Go's net.Pipe.
 */
export function memoryPipe(options: MemoryPipeOptions = {}): MemoryPipe {
  const { clientAddr = "127.0.0.1:49152", serverAddr = "127.0.0.1:80", maxBytes = 65_536 } = options;
  if (!(Number.isInteger(maxBytes) && maxBytes > 0)) {
    throw new RangeError(`test: memoryPipe: maxBytes must be a whole number above 0, not ${maxBytes}`);
  }
  const client = new MemorySocket({ address: parseAddr(clientAddr), allowHalfOpen: false, maxBytes });
  const server = new MemorySocket({ address: parseAddr(serverAddr), allowHalfOpen: true, maxBytes });
  MemorySocket.join(client, server);
  // They are net.Sockets; MemorySocket only cannot be declared as one.
  return { client: client as unknown as Socket, server: server as unknown as Socket };
}

function parseAddr(addr: string): AddressInfo {
  const [, v6, name, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(addr) ?? [];
  const address = v6 ?? name;
  if (address === undefined || Number(digits) > 65_535) {
    throw new TypeError(`test: memoryPipe: an address is "host:port", not ${JSON.stringify(addr)}`);
  }
  return { address, port: Number(digits), family: isIPv6(address) ? "IPv6" : "IPv4" };
}
