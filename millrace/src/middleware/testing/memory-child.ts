// A service whose requests leave something behind, until SIGUSR2 lets go of it: memory-child.ts <"shed" | "">
import { background, sleep } from "../../context/index.ts";
import { Router, text } from "../../http/index.ts";
import { listen } from "../../http/node/index.ts";
import { memoryLimit } from "../index.ts";

const kept: unknown[] = [];
process.on("SIGUSR2", () => (kept.length = 0));

const router = new Router()
  .use(...(process.argv[2] === "shed" ? [memoryLimit()] : []))
  .get("/healthz", () => text("alive"))
  .get("/", async (ctx) => {
    kept.push(Array.from({ length: 400 }, (_, n) => ({ n, text: `text ${n}` })));
    await sleep(ctx, 10);
    return text("ok");
  });
const server = await listen(background, { addr: "127.0.0.1:0", handler: router.handler() });
process.send!(server.url);
// Without who started it, it ends.
process.on("disconnect", () => process.exit());
