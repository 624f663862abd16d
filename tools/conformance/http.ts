import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { answers } from "./http/answers.ts";
import { chunks } from "./http/chunks.ts";
import { converse } from "./http/client.ts";
import { codings } from "./http/codings.ts";
import { connection } from "./http/connection.ts";
import { headers } from "./http/headers.ts";
import { lengths } from "./http/lengths.ts";
import { lines } from "./http/lines.ts";
import type { Row, Section } from "./http/row.ts";
import { slow } from "./http/slow.ts";
import { target } from "./http/target.ts";

/** SECTIONS are all rows over HTTP/1.1. */
export const SECTIONS: readonly Section[] = [
  lengths,
  codings,
  chunks,
  lines,
  headers,
  target,
  connection,
  answers,
  slow,
];

const HERE = join(import.meta.dirname, "http");
// How many rows are on their way at once.
const WIDTH = 24;
// What the process may grow by while the rows are sent to it; it took 40 MB at most.
const MAX_GROWTH_MB = 96;

/** Subject is a server in a process of its own, which prints {"port":N}. */
export class Subject implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  static async start(file: string, ...args: string[]): Promise<Subject> {
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, GOMAXPROCS: "2" } });
    const [line] = (await Promise.race([
      once(createInterface(child.stdout), "line"),
      once(child, "exit").then(() => ["null"]),
    ])) as [string];
    const said = JSON.parse(line) as { port: number } | null;
    if (said === null) throw new Error(`${file} has ended before it listened`);
    return new Subject(said.port, child);
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** megabytes is the memory that it holds, and the most that it has held. */
  get megabytes(): { readonly now: number; readonly peak: number } {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    const of = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
    return { now: of("VmRSS"), peak: of("VmHWM") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.alive) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }
}

/** millrace is our server as the rows know it. */
export function millrace(): Promise<Subject> {
  return Subject.start(process.execPath, "--conditions=@millrace/source", join(HERE, "server.ts"));
}

/** goServer builds and starts the oracle; undefined where there is no Go. */
export async function goServer(): Promise<Subject | undefined> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-conformance-"));
  try {
    execFileSync("go", ["build", "-o", join(dir, "echo"), "."], { cwd: join(HERE, "go"), stdio: "pipe" });
    return await Subject.start(join(dir, "echo"));
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw err;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** converseAll sends every row and gives what came back, by row. */
export async function converseAll(port: number, rows: readonly Row[]): Promise<ReadonlyMap<Row, string>> {
  const got = new Map<Row, string>();
  const left = [...rows];
  const next = async (): Promise<void> => {
    for (let row = left.shift(); row !== undefined; row = left.shift()) got.set(row, await converse(port, row));
  };
  await Promise.all(Array.from({ length: WIDTH }, next));
  return got;
}

/** runHttp sends the rows to our server and to Go's, prints what is not as it should be, and says whether all is. */
export async function runHttp(print: (line: string) => void): Promise<boolean> {
  const rows = SECTIONS.flatMap((section) => section.rows);
  await using ours = await millrace();
  const before = ours.megabytes.now;
  const got = await converseAll(ours.port, rows);
  const { peak } = ours.megabytes;
  await using oracle = await goServer();
  const go = oracle === undefined ? undefined : await converseAll(oracle.port, rows);
  const problems: string[] = [];
  let explained = 0;
  for (const { name, rows: own } of SECTIONS) {
    const right = own.filter((row) => got.get(row) === row.want).length;
    print(`${name.padEnd(52)} ${String(right).padStart(3)}/${own.length}`);
    for (const row of own) {
      if (got.get(row) !== row.want)
        problems.push(`${row.name} (${row.clause}): ${short(got.get(row))}, want ${short(row.want)}`);
      if (row.go !== undefined) explained++;
      const [want, why] = row.go ?? [row.want, ""];
      if (go !== undefined && !agrees(go.get(row), want)) {
        problems.push(
          `${row.name} (${row.clause}): Go: ${short(go.get(row))}, want ${short(want)}${why === "" ? ", or an explanation" : ""}`,
        );
      }
    }
  }
  if (!ours.alive) problems.push("the server has ended");
  if (peak - before > MAX_GROWTH_MB) problems.push(`the server grew by ${Math.round(peak - before)} MB`);
  for (const problem of problems) print(problem);
  const beside = go === undefined ? "Go was not there" : `beside Go, which does otherwise in ${explained} for a reason`;
  print(`${rows.length} rows, ${beside}; ${Math.round(before)} MB before, ${Math.round(peak)} MB at most`);
  return problems.length === 0;
}

// A "?" behind an answer says that it may be lost: Go resets some connections under what is still sent.
function agrees(got: string | undefined, want: string): boolean {
  return got === want.replace("?", "") || got === want.replace(/\d+\? \| /, "");
}

function short(outcome: string | undefined): string {
  const text = outcome ?? "nothing";
  return text.length <= 120 ? text : `${text.slice(0, 100)}…${text.slice(-20)}`;
}
