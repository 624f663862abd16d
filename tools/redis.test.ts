import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { accepts, goesAway } from "./lib/port.ts";
import { hasRedis, startRedis } from "./redis.ts";

const skip = hasRedis() ? false : "needs redis: apt-get install redis-server";

test("a server is killed, restarts and stops", { skip, timeout: 60_000 }, async () => {
  const server = await startRedis();
  assert.ok(await accepts(server.url));
  await server.kill9();
  await goesAway(server.url);
  await server.restart();
  assert.ok(await accepts(server.url));
  await server.stop();
  await goesAway(server.url);
  await server.stop();
});

test(
  "a server ends with the process that started it, even when that is killed",
  { skip, timeout: 60_000 },
  async () => {
    const source = `
    import { startRedis } from ${JSON.stringify(new URL("./redis.ts", import.meta.url).href)};
    console.log((await startRedis()).url);
    setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const url = line.toString().trim();
    assert.ok(await accepts(url));
    child.kill("SIGKILL");
    await goesAway(url);
  },
);
