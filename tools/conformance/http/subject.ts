import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

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
  return Subject.start(process.execPath, "--conditions=@millrace/source", join(import.meta.dirname, "server.ts"));
}

/** goServer builds and starts the oracle; undefined where there is no Go. */
export async function goServer(): Promise<Subject | undefined> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-conformance-"));
  try {
    execFileSync("go", ["build", "-o", join(dir, "echo"), "."], {
      cwd: join(import.meta.dirname, "go"),
      stdio: "pipe",
    });
    return await Subject.start(join(dir, "echo"));
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw err;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
