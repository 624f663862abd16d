import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export { freePort } from "../../millrace/src/test/postgres/free-port.ts";

/** accepts says whether somebody listens on a URL's port of 127.0.0.1. */
export async function accepts(url: string): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** goesAway waits until nobody listens there any more, 10 s at most. */
export async function goesAway(url: string): Promise<void> {
  for (let left = 100; await accepts(url); left--) {
    assert.ok(left > 0, "the server still listens after 10 s");
    await sleep(100);
  }
}
