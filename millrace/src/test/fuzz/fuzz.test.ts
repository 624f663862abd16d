import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { Corpus } from "./corpus.ts";
import { decode, encode } from "./encode.ts";
import { search } from "./search.ts";

interface Folder extends Disposable {
  readonly path: string;
}

function folder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "millrace-fuzz-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

const FUZZ = new URL("fuzz.ts", import.meta.url).href;
const FAST_CHECK = new URL(import.meta.resolve("fast-check")).pathname.replace(/fast-check\/.*/, "fast-check");

/** run runs a test file with a buggy or a repaired parser, or one that finds no fast-check. */
function run(dir: string, body: string, env: Record<string, string> = {}): { status: number | null; out: string } {
  const file = join(dir, "parser.test.mjs");
  writeFileSync(file, `import { fuzz } from ${JSON.stringify(FUZZ)};\n${body}`);
  const clean = { PATH: process.env["PATH"], NODE_NO_WARNINGS: "1", ...env };
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=@millrace/source", "--test-reporter=tap", file],
    { env: clean, encoding: "utf8", timeout: 30_000 },
  );
  return { status, out: stdout + stderr };
}

const parser = (fixed: boolean): string => `
  import fc from "fast-check";
  fuzz("my parser", fc.string(), (text) => {
    if (text.includes("a") && text.length > 2 && ${!fixed}) throw new SyntaxError("bad " + text.length);
    return false;
  }, { timeMs: ${fixed ? 50 : 5000} });
`;

test("a failure is shrunk, saved beside the test, told, and run first from then on", () => {
  using dir = folder();
  symlinkSync(join(FAST_CHECK, ".."), join(dir.path, "node_modules"));
  const first = run(dir.path, parser(false), { MILLRACE_SEED: "7" });
  assert.equal(first.status, 1, first.out);
  assert.match(first.out, /SyntaxError: bad 3/);
  assert.match(first.out, /seed 7, path [\d:]+; saved as/);
  const corpus = join(dir.path, "testdata", "fuzz", "my_parser");
  const [file = "", ...others] = readdirSync(corpus);
  assert.deepEqual(others, []);
  assert.ok(first.out.includes(file));
  const saved = JSON.parse(readFileSync(join(corpus, file), "utf8")) as { value: string; seed: number };
  assert.equal(saved.value.length, 3);
  assert.equal(saved.seed, 7);
  const again = run(dir.path, parser(false));
  assert.match(again.out, new RegExp(`not ok 1 - ${file}`));
  const repaired = run(dir.path, parser(true));
  assert.equal(repaired.status, 0, repaired.out);
  assert.match(repaired.out, new RegExp(`ok 1 - ${file}`));
  assert.match(repaired.out, /\d+ values, seed \d+/);
});

test("without fast-check the kit loads, and fuzz says what to install", () => {
  using dir = folder();
  const body = `import { registerHooks } from "node:module";
    registerHooks({ resolve(name, context, next) {
      if (name !== "fast-check") return next(name, context);
      throw Object.assign(new Error("not found"), { code: "ERR_MODULE_NOT_FOUND" });
    } });
    fuzz("x", {}, () => {});`;
  const { status, out } = run(dir.path, body);
  assert.equal(status, 1, out);
  assert.match(out, /npm install --save-dev fast-check/);
});

test("the environment bounds the time", () => {
  using dir = folder();
  symlinkSync(join(FAST_CHECK, ".."), join(dir.path, "node_modules"));
  const body = `import fc from "fast-check";
    fuzz("x", fc.string(), () => {});`;
  const { status, out } = run(dir.path, body, { MILLRACE_FUZZ_MS: "1500", MILLRACE_SEED: "5" });
  assert.equal(status, 0, out);
  assert.match(out, /seed 5/);
  const [, ms] = /duration_ms (\d+)/.exec(out) ?? [];
  assert.ok(Number(ms) >= 1500, `${ms} ms`);
});

test("what is no value of a file is repeated by its seed and path", async () => {
  using dir = folder();
  class Point {
    readonly x: number;
    constructor(x: number) {
      this.x = x;
    }
  }
  const corpus = new Corpus(dir.path);
  const arbitrary = fc.nat().map((x) => new Point(x));
  const fn = async ({ x }: Point): Promise<void> => {
    await Promise.resolve();
    if (x > 100) throw new RangeError("far");
  };
  await assert.rejects(search({ arbitrary, fn }, 2000, 3, corpus), /fails for Point \{ x: 101 \}[^]*RangeError: far/);
  const [saved] = corpus.all();
  assert.equal(saved!.value, undefined);
  const { rerun } = await import("./search.ts");
  await assert.rejects(rerun({ arbitrary, fn }, saved!), { message: "far" });
  await rerun({ arbitrary, fn: () => false }, saved!);
});

test("encode and decode are inverse", () => {
  const cases = [
    undefined,
    null,
    NaN,
    -0,
    Infinity,
    -Infinity,
    5n,
    "\ud800",
    "",
    [undefined],
    { a: { b: [1n] } },
    new Date(5),
    new Date(NaN),
    new Uint8Array([0, 255]),
    new Map([[{ a: 1 }, new Set([1])]]),
    { $bytes: "mine" },
    { $undefined: true, b: 1 },
    JSON.parse('{"__proto__":1}') as unknown,
  ];
  for (const value of cases) assert.deepStrictEqual(decode(JSON.parse(JSON.stringify(encode(value)))), value);
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true });
  fc.assert(
    fc.property(anything, (value) => {
      assert.deepStrictEqual(decode(JSON.parse(JSON.stringify(encode(value)))), value);
    }),
    { numRuns: 1000 },
  );
});
