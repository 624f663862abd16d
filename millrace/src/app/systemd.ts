import { spawn } from "node:child_process";
import { once } from "node:events";
import { background } from "../context/index.ts";
import type { Log } from "../log/index.ts";
import { maskUrls } from "../secret/mask-urls.ts";

/**
 * newSystemd is how the service tells systemd of its state, undefined if it was not started with Type=notify. The
 * variables are taken away, so that processes that this one starts do not speak for it. Source: sd_notify(3).
 */
export function newSystemd(log: Log, env: NodeJS.ProcessEnv): Systemd | undefined {
  const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID } = env;
  if (NOTIFY_SOCKET === undefined || NOTIFY_SOCKET === "") return undefined;
  delete env["NOTIFY_SOCKET"];
  delete env["WATCHDOG_USEC"];
  delete env["WATCHDOG_PID"];
  const isMine = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === process.pid;
  return new Systemd(log, NOTIFY_SOCKET, isMine ? Number(WATCHDOG_USEC ?? 0) / 1000 : 0);
}

// What the last message may take; one takes some 10 ms.
const LAST_MS = 1000;

/** Systemd sends messages by systemd-notify, one after the other: Node has no datagram sockets in the file system. */
export class Systemd {
  readonly #log: Log;
  readonly #socket: string;
  readonly #watchdogMs: number;
  #watchdog: NodeJS.Timeout | undefined = undefined;
  #last: Promise<void> = Promise.resolve();
  #sending = 0;
  #broken = false;

  constructor(log: Log, socket: string, watchdogMs: number) {
    this.#log = log;
    this.#socket = socket;
    this.#watchdogMs = watchdogMs;
  }

  /** ready also begins to feed the watchdog, twice as often as it asks for: while the event loop turns. */
  ready(): void {
    this.#send("READY=1", "STATUS=ready");
    if (!(this.#watchdogMs > 0)) return;
    const feed = (): void => {
      // One that waits already says the same.
      if (this.#sending === 0) this.#send("WATCHDOG=1");
    };
    this.#watchdog = setInterval(feed, this.#watchdogMs / 2).unref();
  }

  stopping(why: string): void {
    // A line, and no more of it than one reads.
    this.#send("STOPPING=1", `STATUS=stopping: ${maskUrls(why).replaceAll(/\s+/g, " ").slice(0, 500)}`);
  }

  /**
   * stopped feeds the watchdog no more: a process that does not end then is stuck. It waits a moment for what is still to
   * be sent.
   */
  async stopped(): Promise<void> {
    clearInterval(this.#watchdog);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LAST_MS);
    await Promise.race([this.#last, late]);
    clearTimeout(timer);
  }

  #send(...message: string[]): void {
    if (this.#broken) return;
    this.#sending++;
    this.#last = this.#last
      .then(() => this.#spawn(message))
      .catch((err: unknown) => {
        this.#broken = true;
        const hint = "install systemd-notify (Debian: systemd), and set NotifyAccess=all";
        this.#log.error(background, "app: systemd cannot be told", { err, hint });
      })
      .finally(() => this.#sending--);
  }

  async #spawn(message: readonly string[]): Promise<void> {
    const env = { PATH: process.env["PATH"], NOTIFY_SOCKET: this.#socket };
    const child = spawn("systemd-notify", message, { stdio: "ignore", env });
    // It must not keep a process that is over.
    child.unref();
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    if (code !== 0) throw new Error(`systemd-notify ${message.join(" ")} ended with ${code ?? signal}`);
  }
}
