import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { accepts, goesAway } from "./lib/port.ts";
import { startPostgres } from "./postgres.ts";

test("a server starts from npm's binaries, is killed, restarts and stops", { timeout: 60_000 }, async () => {
  const server = await startPostgres({ binaries: "npm" });
  assert.ok(await accepts(server.url));
  await server.kill9();
  await goesAway(server.url);
  await server.restart();
  assert.ok(await accepts(server.url));
  await server.stop();
  await goesAway(server.url);
  await server.stop();
});

test("a server ends with the process that started it, even when that is killed", { timeout: 60_000 }, async () => {
  const source = `
    import { startPostgres } from ${JSON.stringify(new URL("./postgres.ts", import.meta.url).href)};
    console.log((await startPostgres()).url);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const url = line.toString().trim();
  assert.ok(await accepts(url));
  child.kill("SIGKILL");
  await goesAway(url);
});
