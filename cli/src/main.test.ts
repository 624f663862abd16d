import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { Failure } from "millrace/errors";
import type { Entry } from "./command.ts";
import { type Commands, main } from "./main.ts";
import { memoryIo } from "./testing/memory-io.ts";

const echo = (summary: string): Entry => ({
  summary,
  load: async () => ({
    run: async (args, io) => {
      io.stdout.write(`${summary}: ${args.join(" ")}`);
      return 7;
    },
  }),
});
const COMMANDS = { migrate: echo("moves"), "gen sql": echo("queries"), "gen proto": echo("messages") };

describe("main", () => {
  const cases = [
    { args: ["migrate", "up", "--to", "3"], code: 7, out: /^moves: up --to 3$/ },
    { args: ["gen", "sql", "--check"], code: 7, out: /^queries: --check$/ },
    { args: ["help", "gen", "sql"], code: 7, out: /^queries: --help$/ },
    { args: ["--help"], code: 0, out: /migrate {4}moves\n {2}gen sql {4}queries\n/ },
    { args: ["help"], code: 0, out: /Usage/ },
    { args: [], code: 2, err: /Usage/ },
    { args: ["migrat"], code: 2, err: /no command "migrat"; did you mean migrate\?/ },
    { args: ["gen", "sqll"], code: 2, err: /no command "gen sqll"; did you mean gen sql\?/ },
    { args: ["gen"], code: 2, err: /no command "gen"; did you mean gen sql, gen proto\?/ },
    { args: ["toString"], code: 2, err: /no command "toString"\n/ },
    { args: ["--verbose"], code: 2, err: /no command "--verbose"\n/ },
  ];
  for (const { args, code, out = /^$/, err = /^$/ } of cases) {
    test(`millrace ${args.join(" ")}`, async () => {
      const io = memoryIo();
      assert.equal(await main(args, io, COMMANDS), code);
      assert.match(io.stdout.text, out);
      assert.match(io.stderr.text, err);
    });
  }
});

test("a Failure is its message, a defect has its stack, and both are 1", async () => {
  const failing = (error: Error): Commands => {
    const run = async (): Promise<number> => {
      throw error;
    };
    return { fail: { summary: "", load: async () => ({ run }) } };
  };
  const io = memoryIo();
  assert.equal(await main(["fail"], io, failing(new Failure("fail: a.sql:3: no", { code: "internal" }))), 1);
  assert.equal(io.stderr.text, "fail: a.sql:3: no\n");
  assert.equal(await main(["fail"], io, failing(new Error("defect"))), 1);
  assert.match(io.stderr.text, /Error: defect\n {4}at /);
});

test("the launcher runs the sources, in any folder", async () => {
  const bin = join(import.meta.dirname, "../bin/millrace.js");
  const { stdout } = await promisify(execFile)(process.execPath, [bin, "--help"], { cwd: "/" });
  assert.match(stdout, /^Usage: millrace/);
  await assert.rejects(promisify(execFile)(process.execPath, [bin, "nothing"]), { code: 2, stderr: /no command/ });
});

test("the launcher says which Node it needs, and runs nothing", async () => {
  const bin = join(import.meta.dirname, "../bin/millrace.js");
  const old = `Object.defineProperty(process.versions, "node", { value: "18.20.4" }); await import(${JSON.stringify(bin)});`;
  await assert.rejects(promisify(execFile)(process.execPath, ["--input-type=module", "-e", old]), {
    code: 1,
    stdout: "",
    stderr: /^millrace: needs Node 24 or newer, and this is Node 18\.20\.4 /,
  });
});
