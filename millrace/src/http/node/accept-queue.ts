import type { Server } from "node:net";

// Node has no way to call listen(2) again but its handle's.
interface Listening {
  readonly _handle?: { readonly listen?: (backlog: number) => number } | null;
}

/**
 * shortenAcceptQueue makes the system refuse handshakes while one connection waits to be accepted, where it can. The
 * client of a dropped SYN tries again after a second and then learns that nobody listens.
 * Source: listen(2), which may be called again to change the backlog.
 */
export function shortenAcceptQueue(server: Server): void {
  // The cast looks only for what is there.
  const handle = (server as Listening)._handle;
  handle?.listen?.(0);
}
