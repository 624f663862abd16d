import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type Ctx, background, sleep, withTimeout } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import { FD_VARIABLE, type ToParent, type ToWorker } from "./parent-link.ts";

// Behind stdin, stdout, stderr and the line between the processes.
const LISTEN_FD = 4;
// How long a worker has to name its requests before it is killed.
const REPORT_MS = 500;

/** Program says how a worker is started. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Cut is a worker whose requests were not all answered when it stopped. */
export interface Cut {
  readonly pid: number;
  /** requests were in flight: "GET /slow (/slow), 4.2 s". It is empty if the worker did not say, because its thread was busy. */
  readonly requests: readonly string[];
  /** killed says that the worker did not end by itself within its budget. */
  readonly killed: boolean;
}

/** Worker is a process of a cluster. */
export class Worker {
  readonly child: ChildProcess;
  readonly startedAt: number = performance.now();
  /** exit is how it ended. */
  readonly exit: Promise<string>;
  /** accepts is set when it accepts connections. */
  accepts = false;
  /** asked is set when it wants to close the listening socket, and closed when it has, or when it has ended. */
  asked = false;
  closed = false;
  stopping = false;

  #told = false;
  readonly #changed: (worker: Worker) => void;
  readonly #ready = Promise.withResolvers<void>();
  readonly #reported = Promise.withResolvers<void>();
  #requests: readonly string[] = [];

  constructor(program: Program, fd: number, changed: (worker: Worker) => void) {
    this.#changed = changed;
    this.child = spawn(process.execPath, [...process.execArgv, program.file, ...program.args], {
      env: { ...process.env, ...program.env, [FD_VARIABLE]: String(LISTEN_FD) },
      stdio: ["inherit", "inherit", "inherit", "ipc", fd],
    });
    this.child.on("message", (message) => this.#heard(message as ToParent));
    // Sending to one that has just gone.
    this.child.on("error", () => undefined);
    this.exit = this.#ended();
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null && this.child.pid !== undefined;
  }

  /** ready waits until it accepts connections. Throws "http/worker_start" if it ends before, or takes too long. */
  async ready(ctx: Ctx, startMs: number): Promise<void> {
    using limit = withTimeout(ctx, startMs);
    const late = sleep(limit, 2 ** 31 - 1).then(
      () => "",
      () => `was not ready within ${startMs} ms`,
    );
    const ended = this.exit.then((how) => `ended while starting: ${how}`);
    const problem = await Promise.race([this.#ready.promise, ended, late]);
    if (typeof problem !== "string") return;
    this.child.kill("SIGKILL");
    await this.exit;
    throw new Failure(`http: cluster: worker ${this.pid} ${problem}`, {
      code: "unavailable",
      reason: "http/worker_start",
    });
  }

  /** stop has it answer what it has accepted and end; after stopMs, or when ctx ends, it is killed. */
  async stop(ctx: Ctx, stopMs: number): Promise<Cut | undefined> {
    this.stopping = true;
    this.child.kill("SIGTERM");
    using limit = withTimeout(ctx, stopMs);
    const late = await Promise.race([this.exit.then(() => false), sleep(limit, 2 ** 31 - 1).then(neither, () => true)]);
    if (late && this.running) {
      this.#tell({ millrace: "report" });
      using wait = withTimeout(background, REPORT_MS);
      await Promise.race([this.#reported.promise, this.exit, sleep(wait, REPORT_MS).catch(neither)]);
      this.child.kill("SIGKILL");
      await this.exit;
    }
    if (!late && this.#requests.length === 0) return undefined;
    return { pid: this.pid, requests: this.#requests, killed: late };
  }

  /** asks says whether it waits for mayClose. */
  get asks(): boolean {
    return this.asked && !this.#told && !this.closed;
  }

  /** mayClose has it close the listening socket: at once, or as the last one that has it. */
  mayClose(last: boolean): void {
    this.#told = true;
    this.#tell({ millrace: "close", last });
  }

  #tell(message: ToWorker): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  async #ended(): Promise<string> {
    const how = await Promise.race([
      once(this.child, "exit").then(([code, signal]) => (signal === null ? `exit code ${code}` : String(signal))),
      once(this.child, "error").then(([err]) => String(err)),
    ]);
    this.closed = true;
    this.#changed(this);
    return how;
  }

  #heard(message: ToParent): void {
    if (message.millrace === "ready") {
      this.accepts = true;
      this.#ready.resolve();
    } else if (message.millrace === "requests") {
      this.#requests = message.requests;
      this.#reported.resolve();
    } else {
      this.asked = true;
      this.closed = message.millrace === "closed";
      this.#changed(this);
    }
  }
}

const neither = (): boolean => false;
