// A program that sends promises, in spite of the types; debug.test.ts runs it with and without the check.
import { background } from "../../context/index.ts";
import { chan, select } from "../index.ts";

const ch = chan<unknown>(8);
const attempts: Record<string, () => unknown> = {
  send: () => ch.send(background, Promise.resolve(1)),
  trySend: () => ch.trySend(Promise.resolve(2)),
  onSend: () => select(background, { put: ch.onSend(Promise.resolve(3)) }),
  object: () => ch.send(background, { value: Promise.resolve(4) }),
};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    await attempt();
    console.log(`${name}: sent`);
  } catch (err) {
    console.log(`${name}: ${err instanceof Error ? err.name : String(err)}`);
  }
}
console.log(`unwrapped: ${(await ch.recv(background)) === 1 ? "yes" : "no"}`);
