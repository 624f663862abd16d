import { type AddressInfo, Server, type Socket, connect } from "node:net";
import { background, sleep } from "../../context/index.ts";
import { type AcceptQueue, setBacklog } from "./accept-queue.ts";

/** BACKLOG is how many connections the system holds for us until they are accepted; Node's own default. */
export const BACKLOG = 511;
// How long the right moment is looked for.
const TRY_MS = 1000;
// How long a handshake that was seen gets; when its last step was dropped, it takes 200 ms.
const HANDSHAKE_MS = 250;
// How long a server that cannot see its queue waits for its own call.
const SELF_CALL_MS = 100;

/**
 * stopListening closes the listening socket, and no connection. Closing resets the connections whose handshake is done
 * and that wait in the system's queue, so it is done when nobody waits and nobody can come: the server connects to itself
 * and makes the queue so short that this one fills it; when it then sees itself alone in there, in the same turn of the
 * loop, it closes. Where the queue cannot be seen, or no such moment comes for a second, a connection that is made
 * in the very moment of the closing may be reset.
 */
export async function stopListening(server: Server, queue: AcceptQueue | undefined): Promise<void> {
  if (queue !== undefined && (await closeAlone(server, queue))) return;
  await closeWhenAccepted(server);
}

async function closeAlone(server: Server, queue: AcceptQueue): Promise<boolean> {
  const until = performance.now() + TRY_MS;
  while (performance.now() < until) {
    if (queue.waiting() !== 0) {
      // Nobody else until these have been accepted.
      setBacklog(server, 0);
      await turn();
      continue;
    }
    // Room for the call, whoever comes before it.
    setBacklog(server, BACKLOG);
    const caller = callSelf(server).on("error", () => undefined);
    // Node connects in its next tick, before the loop goes on; on one machine that is all of the handshake.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    setBacklog(server, 0);
    const port = caller.localPort;
    const alone = port !== undefined && queue.holdsOnly(port);
    if (alone) closeNow(server);
    caller.destroy();
    if (alone) return true;
    if (port === undefined) return false;
    if (queue.waiting() === 1) {
      // Somebody is in a handshake, whose last step may just have been dropped.
      setBacklog(server, BACKLOG);
      await sleep(background, HANDSHAKE_MS);
    } else await turn();
  }
  return false;
}

// Shortens the queue to one, empties it, and closes in the very call in which the next one has been accepted, when the
// queue was empty a moment ago; the server connects to itself, so that there is a next one.
async function closeWhenAccepted(server: Server): Promise<void> {
  setBacklog(server, 0);
  let accepted = 0;
  const count = (): void => void accepted++;
  server.on("connection", count);
  for (let turns = 0, quiet = 0; turns <= BACKLOG && quiet < 2; turns++) {
    const before = accepted;
    await turn();
    quiet = accepted === before ? quiet + 1 : 0;
  }
  server.off("connection", count);
  await new Promise<void>((resolve) => {
    const close = (): void => {
      clearTimeout(timer);
      server.off("connection", close);
      caller.off("error", close).on("error", () => undefined);
      caller.destroy();
      closeNow(server);
      resolve();
    };
    // Where it cannot reach itself, or has as many connections as it may.
    const timer = setTimeout(close, SELF_CALL_MS);
    const caller = callSelf(server).on("error", close);
    server.on("connection", close);
  });
}

function callSelf(server: Server): Socket {
  // A TCP server's address is an object; one that is gone refuses.
  const { address, port } = server.address() as AddressInfo;
  return connect({ host: address, port });
}

/** closeNow closes the listening socket of this process, in this very call; http.Server's own close would reset idle connections. */
export function closeNow(server: Server): void {
  Server.prototype.close.call(server);
}

// In a turn the loop accepts one connection.
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
