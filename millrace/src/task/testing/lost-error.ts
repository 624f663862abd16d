// A task that fails and that nobody awaits, for the test of what becomes of its error.
import { background } from "../../context/index.ts";
import { go } from "../index.ts";

process.on("unhandledRejection", (err) => {
  process.stdout.write(`unhandled: ${(err as Error).message}\n`);
});
void go(background, () => {
  throw new Error("synchronous");
});
void go(background, async () => {
  await Promise.resolve();
  throw new Error("asynchronous");
});
void go(background, () => Promise.reject(new Error("awaited"))).then(undefined, () => {});
