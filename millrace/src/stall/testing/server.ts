// A server whose routes block it, for watch-stalls.test.ts. It writes {"port":N} and then its log: server.ts [no-current]
// [garbage]
import { execFileSync } from "node:child_process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Ctx, background, sleep } from "../../context/index.ts";
import { Router, text } from "../../http/index.ts";
import { listen } from "../../http/node/index.ts";
import { newLog } from "../../log/index.ts";
import { enableCurrent, go } from "../../task/index.ts";
import { watchStalls } from "../index.ts";

const BLOCK_MS = 250;
const log = newLog();

// So long of a processor's time: on a busy machine it takes longer.
function spin(ms = BLOCK_MS): void {
  for (const until = cpuMs() + ms; cpuMs() < until;);
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

// As long as a native call takes: it cannot be interrupted.
const big = JSON.stringify(Array.from({ length: 1_500_000 }, (_, i) => ({ i })));
setFlagsFromString("--expose-gc");
// What that flag adds to a new context.
const collect = runInNewContext("gc") as () => void;
const garbage = process.argv.includes("garbage")
  ? Array.from({ length: 4_000_000 }, (_, i) => ({ i, next: { i } }))
  : [];

// Nobody waits for it: it goes on when the request has been answered.
async function start(task: PromiseLike<unknown>): Promise<void> {
  await task;
}

const blocks: Record<string, (ctx: Ctx) => unknown> = {
  spin: () => spin(),
  json: () => JSON.parse(big),
  regexp: () => {
    const until = cpuMs() + BLOCK_MS;
    for (let n = 20; cpuMs() < until; n++) /^(a+)+$/.test(`${"a".repeat(n)}b`);
  },
  child: () => execFileSync("sleep", ["0.3"]),
  atomics: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCK_MS),
  task: (ctx) => go(ctx, () => spin(), { name: "thumbnail" }),
  detached: () => void start(go(background, () => spin(), { name: "reindex" })),
  timer: () => void setTimeout(spin, 1),
  // Nobody blocks for long, all together do.
  share: () => spin(5),
  gc: () => {
    for (let n = 0; n < 3; n++) collect();
    return garbage.length;
  },
  fast: () => undefined,
};

const router = new Router();
for (const [name, block] of Object.entries(blocks)) {
  router.get(`/${name}/:id`, async (ctx) => {
    await sleep(ctx, 1);
    await block(ctx);
    return text("done");
  });
  // Nothing runs after it but the engine.
  router.get(`/last/${name}/:id`, async (ctx) => {
    await sleep(ctx, 1);
    const result: unknown = block(ctx);
    return result as never;
  });
}

if (!process.argv.includes("no-current")) enableCurrent();
const watch = watchStalls({ log, thresholdMs: 150 });
process.once("SIGTERM", () => {
  watch[Symbol.dispose]();
  process.exit(0);
});
const server = await listen(background, {
  addr: "127.0.0.1:0",
  handler: router,
  log: { error: () => undefined },
});
console.log(JSON.stringify({ port: Number(server.addr.split(":")[1]) }));
