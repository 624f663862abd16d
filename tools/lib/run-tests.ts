import { spawn } from "node:child_process";
import { once } from "node:events";
import { startPostgres } from "../postgres.ts";
import { ROOT } from "./root.ts";

/** Run is one run of node's test runner. */
export interface Run {
  readonly files: readonly string[];
  /** flags are added to the runner's own. */
  readonly flags?: readonly string[];
  /** testMs ends a test that hangs. */
  readonly testMs: number;
  /** fileMs ends a file that hangs after or between its tests. */
  readonly fileMs: number;
  /** runMs ends the whole run. */
  readonly runMs: number;
}

/** runTests runs test files, two at a time, with a real PostgreSQL in DATABASE_URL, and says whether all passed. */
export async function runTests({ files, flags = [], testMs, fileMs, runMs }: Run): Promise<boolean> {
  await using stack = new AsyncDisposableStack();
  const url = process.env["DATABASE_URL"] ?? stack.use(await startPostgres()).url;
  const args = ["--conditions=@millrace/source", "--test", "--test-concurrency=2", `--test-timeout=${testMs}`];
  const lib = ["--import=./tools/lib/watchdog.ts", "--test-reporter=./tools/lib/reporter.ts"];
  const child = spawn(process.execPath, [...args, ...lib, "--test-reporter-destination=stdout", ...flags, ...files], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: url, TEST_FILE_MS: String(fileMs) },
    stdio: ["ignore", "inherit", "inherit"],
    // A group of its own, so that whatever the tests started ends with the run, however that ends.
    detached: true,
  });
  const end = (): void => {
    try {
      process.kill(-child.pid!, "SIGKILL");
    } catch {
      // Nothing of the group is left: as it should be.
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
  const timer = setTimeout(() => {
    console.error(`test: not done in ${runMs / 60_000} minutes; ended`);
    end();
  }, runMs);
  const [code] = await once(child, "exit");
  clearTimeout(timer);
  end();
  return code === 0;
}
