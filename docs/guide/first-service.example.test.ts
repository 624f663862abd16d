import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

const PROGRAM = join(import.meta.dirname, "first-service.example.ts");

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}

test("the first service answers, refuses what is wrong, and ends with SIGTERM", { timeout: 30_000 }, async (t) => {
  if (process.env["DATABASE_URL"] === undefined) return t.skip("needs DATABASE_URL");
  const port = await freePort();
  const child = spawn(process.execPath, ["--conditions=@millrace/source", PROGRAM], {
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  try {
    for await (const line of createInterface(child.stdout)) if (line.includes("app: ready")) break;
    const get = async (path: string): Promise<[number, unknown]> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return [response.status, await response.json()];
    };
    assert.deepEqual(await get("/add/19/23"), [200, { sum: 42 }]);
    assert.equal((await get("/add/1/x"))[0], 400);
    assert.equal((await get("/nothing"))[0], 404);
    child.kill("SIGTERM");
    assert.deepEqual(await exit, [0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});
