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
  /** runMs ends the whole run. */
  readonly runMs: number;
}

/** runTests runs test files, two at a time, with a real PostgreSQL in DATABASE_URL, and says whether all passed. */
export async function runTests({ files, flags = [], testMs, runMs }: Run): Promise<boolean> {
  await using stack = new AsyncDisposableStack();
  const url = process.env["DATABASE_URL"] ?? stack.use(await startPostgres()).url;
  const args = ["--conditions=@millrace/source", "--test", "--test-concurrency=2", `--test-timeout=${testMs}`];
  const reporter = ["--test-reporter=./tools/lib/reporter.ts", "--test-reporter-destination=stdout"];
  const child = spawn(process.execPath, [...args, ...reporter, ...flags, ...files], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: url },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const timer = setTimeout(() => {
    console.error(`test: not done in ${runMs / 60_000} minutes; ended`);
    child.kill("SIGKILL");
  }, runMs);
  const [code] = await once(child, "exit");
  clearTimeout(timer);
  return code === 0;
}
