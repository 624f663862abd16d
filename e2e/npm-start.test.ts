import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { tempDir } from "./storefront.ts";

// npm runs a script in a shell, which dies of the signal that npm passes on and leaves its child behind, so the script
// has to be the child itself: "exec node …".
test("a SIGTERM to npm start ends the storefront, cleanly", { timeout: 60_000 }, async () => {
  await using dir = await tempDir();
  const npm = spawn("npm", ["start"], {
    cwd: join(import.meta.dirname, ".."),
    env: { PATH: process.env["PATH"], HOME: dir.path, PORT: "0", ADMIN_ADDR: "off", DATA_DIR: join(dir.path, "data") },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const closed = once(npm.stdout, "close");
  const lines: string[] = [];
  for await (const line of createInterface(npm.stdout)) {
    lines.push(line);
    if (line.includes("app: ready")) npm.kill("SIGTERM");
  }
  // The output ends when the last process that holds it has ended.
  await closed;
  assert.ok(
    lines.some((line) => line.includes("app: stopped")),
    lines.join("\n"),
  );
});
