import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Subject } from "./bench.ts";

const run = promisify(execFile);

/**
 * nodeSubject runs a file with the Node that runs the bench, in production mode. It resolves `millrace` to dist, which
 * bench/run.ts builds first: what is measured is what is published.
 */
export function nodeSubject(name: string, file: string, env: Readonly<Record<string, string>> = {}): Subject {
  const argv = [process.execPath, file] as const;
  return { name, prepare: async () => ({ argv, env: { NODE_ENV: "production", ...env } }) };
}

/** goSubject builds a Go main package once per run and starts its binary with one processor, as a Node process has. */
export function goSubject(name: string, dir: string, env: Readonly<Record<string, string>> = {}): Subject {
  const build = async (): Promise<string> => {
    const out = mkdtempSync(join(tmpdir(), "millrace-bench-"));
    process.once("exit", () => rmSync(out, { recursive: true, force: true }));
    await run("go", ["build", "-o", join(out, name.replaceAll("/", "-")), "."], { cwd: dir });
    return join(out, name.replaceAll("/", "-"));
  };
  let binary: Promise<string> | undefined;
  return {
    name,
    async prepare() {
      const found = await run("go", ["version"]).catch(() => undefined);
      if (found === undefined) return { missing: "go (apt-get install golang-go)" };
      return { argv: [await (binary ??= build())], env: { GOMAXPROCS: "1", ...env } };
    },
  };
}
