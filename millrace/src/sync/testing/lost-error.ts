// Tasks of a WaitGroup that fail, for the test of what becomes of their errors, and of the wait.
import { background } from "../../context/index.ts";
import { WaitGroup } from "../index.ts";

process.on("unhandledRejection", (err) => {
  process.stdout.write(`unhandled: ${(err as Error).message}\n`);
});
const wg = new WaitGroup();
wg.go(() => {
  throw new Error("synchronous");
});
wg.go(async () => {
  await Promise.resolve();
  throw new Error("asynchronous");
});
await wg.wait(background);
process.stdout.write("waited\n");
