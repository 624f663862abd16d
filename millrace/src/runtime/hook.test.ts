import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { rt } from "./hook.ts";

const SRC = join(import.meta.dirname, "..");

test("252: production has no hook, and each place that would call it makes one comparison first", () => {
  assert.equal(rt, null);
  const files = globSync("**/*.ts", { cwd: SRC }).filter((file) => !/\.test\.ts$|(^|\/)testing\/|^test\//.test(file));
  let places = 0;
  for (const file of files) {
    const lines = readFileSync(join(SRC, file), "utf8").split("\n");
    lines.forEach((line, i) => {
      if (!/\brt\.\w+\(/.test(line)) return;
      places++;
      const before = lines.slice(Math.max(0, i - 4), i + 1).join("\n");
      assert.match(before, /rt !== null|rt === null/, `${file}:${i + 1}: ${line.trim()}`);
    });
  }
  assert.ok(places > 20, `${places} places were seen`);
});
