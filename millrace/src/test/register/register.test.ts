import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { HELD, rewrite } from "./rewrite.ts";

const run = promisify(execFile);
const program = join(import.meta.dirname, "testing", "await-null.ts");
const register = join(import.meta.dirname, "index.ts");

async function found(...flags: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ["--conditions=@millrace/source", ...flags, program], {
    timeout: 30_000,
  });
  return stdout.trim();
}

describe("register", () => {
  test("an await of what is no promise is seen with the loader, and not without", async () => {
    assert.equal(await found(), "missed");
    assert.match(await found(`--import=${register}`), /^failed: lost/);
  });

  test("it works on an engine that does not ask a promise for its constructor", async () => {
    assert.equal(await found("--import=data:text/javascript,globalThis.blind=true"), "missed");
    assert.match(
      await found("--import=data:text/javascript,globalThis.blind=true", `--import=${register}`),
      /^failed: lost/,
    );
  });

  const call = `globalThis.${HELD}(`;
  for (const [source, want] of [
    ["await f();", `await ${call}f());`],
    ["const x: number = (await a) + (await b);", `const x: number = (await ${call}a)) + (await ${call}b));`],
    ["await (await f())();", `await ${call}(await ${call}f()))());`],
    ["await await f();", `await ${call}await ${call}f()));`],
    ["x = async () => await {\n  y: 1,\n};", `x = async () => await ${call}{\n  y: 1,\n});`],
    ["for await (const x of y) await x;", `for await (const x of y) await ${call}x);`],
    ["// await f()\n'await g()';", "// await f()\n'await g()';"],
    ["await (;", "await (;"],
  ] as const) {
    test(`rewrites ${JSON.stringify(source)}`, () => assert.equal(rewrite("a.ts", source), want));
  }
});
