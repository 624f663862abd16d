import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "../lib/root.ts";
import type { Mutant } from "./mutant.ts";

// A file hangs when it takes so much longer than without a mutant: that, too, is noticed.
const SLOWER = 4;
const SLOWER_MS = 5_000;

/** Outcome is "stale" when the text that the mutant replaces does not occur exactly once. */
export type Outcome = "killed" | "survived" | "stale";

/** Result is what became of one mutant; `by` is the test that noticed it, or how. */
export interface Result {
  readonly mutant: Mutant;
  readonly outcome: Outcome;
  readonly by: string;
}

/** mutated is the file of a root with the mutation in it, undefined if the mutant is stale. */
export function mutated(root: string, { file, find, replace }: Mutant): string | undefined {
  const path = join(root, file);
  const [before, after, ...more] = existsSync(path) ? readFileSync(path, "utf8").split(find) : [];
  return after === undefined || more.length > 0 ? undefined : before + replace + after;
}

/** Copy is a copy of the toolkit's sources in which mutants live; the repository is never touched. */
export class Copy implements Disposable {
  readonly dir: string = mkdtempSync(join(tmpdir(), "millrace-mutants-"));
  readonly #dispose = (): void => this[Symbol.dispose]();
  // Ends the run of tests that is going on.
  #end: () => void = () => undefined;

  constructor(root: string = ROOT) {
    mkdirSync(join(this.dir, "millrace"));
    for (const path of ["package.json", "millrace/package.json", "millrace/src"]) {
      cpSync(join(root, path), join(this.dir, path), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(this.dir, "node_modules"));
    process.once("exit", this.#dispose);
  }

  /**
   * run applies a mutant, runs its test files one by one until one fails, and takes it back: first the one beside the
   * mutant's file, then the quickest. `ms` is how long each file takes without a mutant.
   */
  async run(mutant: Mutant, ms: ReadonlyMap<string, number>): Promise<Result> {
    const text = mutated(this.dir, mutant);
    if (text === undefined) return { mutant, outcome: "stale", by: "" };
    const path = join(this.dir, mutant.file);
    const original = readFileSync(path);
    writeFileSync(path, text);
    try {
      const beside = mutant.file.replace(/\.ts$/, ".test.ts");
      const rank = (file: string): number => (file === beside ? 0 : ms.get(file)!);
      for (const file of this.files(mutant).toSorted((a, b) => rank(a) - rank(b))) {
        const by = await this.failure(file, SLOWER * ms.get(file)! + SLOWER_MS);
        if (by !== undefined) return { mutant, outcome: "killed", by };
      }
      return { mutant, outcome: "survived", by: "" };
    } finally {
      writeFileSync(path, original);
    }
  }

  /** files are the test files of a mutant. */
  files({ tests }: Mutant): string[] {
    const files = globSync([...tests], { cwd: this.dir }).filter((file) => !file.endsWith(".deep.test.ts"));
    if (files.length === 0) throw new Error(`mutate: no test file matches ${tests.join(" ")}`);
    return files;
  }

  /** failure runs one test file and gives the name of the first test that fails; it does not wait for the others. */
  async failure(file: string, limitMs: number): Promise<string | undefined> {
    // Tests that are run by a test are a run of their own.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    // A test that waits for ever fails by its own limit, and so has a name; an endless loop ends by that of the file.
    const limit = `--test-timeout=${Math.ceil(limitMs / 2)}`;
    const flags = ["--conditions=@millrace/source", "--test-reporter=tap", limit];
    const child = spawn(process.execPath, [...flags, file], {
      cwd: this.dir,
      env,
      // A group of its own, so that processes that a test has started end with it.
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const closed = once(child, "close");
    this.#end = () => {
      try {
        process.kill(-child.pid!, "SIGKILL");
      } catch {
        // Nothing of the group is left: as it should be.
      }
    };
    let failed: string | undefined;
    const timer = setTimeout(() => {
      failed ??= `${file} hangs`;
      this.#end();
    }, limitMs);
    for await (const line of createInterface({ input: child.stdout })) {
      const name = /^\s*not ok \d+ - (.*)/.exec(line)?.[1];
      if (name === undefined) continue;
      failed ??= name.replaceAll("\\", "");
      this.#end();
    }
    clearTimeout(timer);
    const [code] = await closed;
    this.#end = () => undefined;
    return failed ?? (code === 0 ? undefined : `${file} fails`);
  }

  [Symbol.dispose](): void {
    process.removeListener("exit", this.#dispose);
    this.#end();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
