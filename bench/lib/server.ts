import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { readFile } from "node:fs/promises";
import type { Command } from "./bench.ts";

/** START_TIMEOUT_MS is generous: a database is created in it. */
const START_TIMEOUT_MS = 60_000;

/** TICKS_PER_SECOND is USER_HZ: /proc counts CPU time in hundredths of a second on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** MB is what a case whose unit is "MB" counts in. */
const MB = 1_000_000;

/**
 * Server is a subject that serves: it listens on 127.0.0.1 at the port in PORT (0: any) and prints one line when it
 * accepts connections, {"port": 12345} or anything that holds its URL, http://127.0.0.1:12345.
 */
export class Server implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** start runs the command and waits for its first line. */
  static async start(command: Command): Promise<Server> {
    const [file, ...args] = command.argv;
    const env = { ...process.env, PORT: "0", HOST: "127.0.0.1", ...command.env };
    const child = spawn(file, args, { env, cwd: command.cwd, stdio: ["ignore", "pipe", "inherit"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT_MS);
    try {
      const lines = createInterface({ input: child.stdout });
      for await (const line of lines) {
        const port = portOf(line);
        if (port === undefined) continue;
        child.stdout.resume();
        return new Server(child, port);
      }
      throw new Error(`${command.argv.join(" ")}: ended without a line that holds its port`);
    } catch (err) {
      child.kill("SIGKILL");
      throw err;
    } finally {
      clearTimeout(timer);
    }
  }

  /** cpuSeconds is what the process has used so far, user and system, all threads (proc(5), fields 14 and 15). */
  async cpuSeconds(): Promise<number> {
    const stat = await readFile(`/proc/${this.#child.pid}/stat`, "utf8");
    // The command's name, field 2, may hold spaces and parentheses; the fields after it do not.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** residentMb is the memory that the process holds now. */
  async residentMb(): Promise<number> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, "utf8");
    return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024) / MB;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }
}

function portOf(line: string): number | undefined {
  const port = /"port": ?(\d+)|http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
  return port === null ? undefined : Number(port[1] ?? port[2]);
}
