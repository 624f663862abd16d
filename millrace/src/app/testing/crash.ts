// Logs many lines in one turn and then ends in some way, for the test of what survives: crash.ts <case> <lines>
import { background } from "../../context/index.ts";
import { newLog } from "../../log/index.ts";
import { main, newApp } from "../index.ts";

const [mode = "", count = ""] = process.argv.slice(2);
const log = newLog();

const ends: Record<string, () => unknown> = {
  exit: () => process.exit(3),
  async throw() {
    throw new Error("a task that fails");
  },
  uncaught: () =>
    queueMicrotask(() => {
      throw new Error("nobody catches me");
    }),
  rejection: () => void Promise.reject(new Error("nobody awaits me")),
  SIGTERM: () => process.kill(process.pid, "SIGTERM"),
  // The second one exits while a task is stuck.
  async "SIGTERM twice"() {
    process.kill(process.pid, "SIGTERM");
    process.once("SIGTERM", () => setImmediate(() => process.kill(process.pid, "SIGTERM")));
    await new Promise(() => {});
  },
  SIGKILL: () => process.kill(process.pid, "SIGKILL"),
};

await main(async (ctx) => {
  const app = newApp({ log, readyDelayMs: 0 });
  app.go("burst", async () => {
    for (let n = 0; n < Number(count); n++) log.info(background, "line", { n, filler: "x".repeat(200) });
    if (mode === "SIGKILL") log.error(background, "last words");
    await ends[mode]!();
  });
  await app.run(ctx);
});
