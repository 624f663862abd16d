import { type Ctx, afterDone } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";

/** FD_VARIABLE names the descriptor of the listening socket that a worker inherits. */
export const FD_VARIABLE = "MILLRACE_LISTEN_FD";

/** ToParent is what a worker tells the process that started it. */
export type ToParent =
  | { readonly millrace: "ready" }
  /** closing asks how the listening socket is to be closed. */
  | { readonly millrace: "closing" }
  | { readonly millrace: "closed" }
  /** requests are in flight: those that the shutdown has cut, or all of them when that was asked for. */
  | { readonly millrace: "requests"; readonly requests: readonly string[] };

/** ToWorker is what a worker is told. */
export type ToWorker =
  /** close answers `closing`; the last one that has the socket must see to those who wait in its queue. */
  { readonly millrace: "close"; readonly last: boolean } | { readonly millrace: "report" };

/** ParentLink is a worker's line to the process that holds its listening socket. */
export class ParentLink {
  readonly fd: number;
  #report: () => readonly string[] = () => [];
  #answered = Promise.withResolvers<boolean>();

  private constructor(fd: number) {
    this.fd = fd;
    process.on("message", (message) => this.#told(message as ToWorker));
    process.once("disconnect", () => {
      this.#answered.resolve(true);
      // The parent has died, and whoever replaces it wants the port.
      process.kill(process.pid, "SIGTERM");
    });
    // The line alone keeps no process alive.
    process.channel?.unref();
  }

  /** open finds the socket and the line that openCluster has given to this process. */
  static open(): ParentLink {
    const fd = Number(process.env[FD_VARIABLE]);
    if (Number.isInteger(fd) && fd > 2 && process.connected) return new ParentLink(fd);
    throw new Failure('http: listen: addr is "parent", and this process was not started by openCluster', {
      code: "failed_precondition",
      reason: "http/no_parent",
    });
  }

  /** ready says that connections are accepted; report is asked for the requests that are in flight. */
  ready(report: () => readonly string[]): void {
    this.#report = report;
    this.#tell({ millrace: "ready" });
  }

  /**
   * isLast asks before the listening socket is closed whether no other process has it any more; it waits no longer than
   * ctx, and takes it for granted then.
   */
  async isLast(ctx: Ctx): Promise<boolean> {
    if (!process.connected) return true;
    using _late = afterDone(ctx, () => this.#answered.resolve(true));
    this.#tell({ millrace: "closing" });
    return await this.#answered.promise;
  }

  closed(): void {
    this.#tell({ millrace: "closed" });
  }

  /** cut names the requests that a shutdown did not wait for. */
  cut(requests: readonly string[]): void {
    this.#tell({ millrace: "requests", requests });
  }

  #told(message: ToWorker): void {
    if (message.millrace === "close") this.#answered.resolve(message.last);
    else if (message.millrace === "report") this.#tell({ millrace: "requests", requests: this.#report() });
  }

  #tell(message: ToParent): void {
    // A parent that has gone is heard of by "disconnect".
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  }
}
