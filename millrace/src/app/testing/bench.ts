// An app whose components do whatever they are told to, for tests in virtual time.
import { background, sleep } from "../../context/index.ts";
import { newLog } from "../../log/index.ts";
import { type App, type Budgets, type Component, component, newApp } from "../index.ts";

// What the app gives beyond its budgets.
export const GRACE_MS = 500;
export const READY_DELAY_MS = 300;
export const DRAIN_MS = 2000;
export const CANCEL_MS = 1000;
export const FLUSH_MS = 700;
export const CLOSE_MS = 1000;

export type Fault = "none" | "slow" | "hangs" | "throws" | "rejects" | "rejects late";
export type Kind = "listener" | "server" | "task" | "flush" | "resource" | "component" | "draining component";

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly err?: { readonly message: string };
  readonly stuck?: readonly { readonly name: string }[];
}

export class Bench {
  readonly app: App;
  readonly events: string[] = [];
  /** hanging is what a part of a program waits for that hangs, until the test is over. */
  readonly hanging: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  text = "";

  constructor(budgets: Budgets = {}) {
    const log = newLog({ out: { write: (line) => (this.text += line) } });
    this.app = newApp({
      log,
      readyDelayMs: READY_DELAY_MS,
      drainMs: DRAIN_MS,
      cancelMs: CANCEL_MS,
      flushMs: FLUSH_MS,
      closeMs: CLOSE_MS,
      ...budgets,
    });
  }

  get lines(): Line[] {
    const lines = this.text.split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Line);
  }

  /** errors are the messages of what has been logged as an error. */
  get errors(): string {
    return this.lines.map((line) => line.err?.message ?? "").join("; ");
  }

  resource(name: string): AsyncDisposable {
    return { [Symbol.asyncDispose]: async () => void this.events.push(name) };
  }

  start(bad: Component<unknown>): Promise<unknown> {
    return this.app.start(background, { bad });
  }

  add(kind: Kind, fault: Fault): void | Promise<unknown> {
    const end = (): Promise<void> | void => misbehave(fault, `bad ${kind}`);
    // A listener need not be asynchronous; one that is, is waited for.
    // oxlint-disable-next-line typescript/no-misused-promises
    if (kind === "listener") return this.app.onDrain(end);
    if (kind === "server") return this.app.serve("bad server", { shutdown: async () => end() });
    if (kind === "flush") return this.app.onFlush("bad flush", end);
    const start = (): string => "a value";
    if (kind === "component") return this.start(component("bad component", { start, stop: end }));
    if (kind === "draining component")
      return this.start(component("bad draining component", { start, drain: async () => end() }));
    if (kind === "resource") return this.app.own("bad resource", { [Symbol.asyncDispose]: async () => end() });
    this.app.go("bad task", async (ctx) => {
      await sleep(ctx, 1e9).catch(() => {});
      await end();
    });
  }
}

function misbehave(fault: Fault, name: string): Promise<void> | void {
  if (fault === "throws") throw new Error(`${name} throws`);
  if (fault === "rejects") return Promise.reject(new Error(`${name} rejects`));
  if (fault === "hangs") return new Promise(() => {});
  if (fault === "slow") return sleep(background, 100);
  if (fault === "rejects late") {
    return sleep(background, 60_000).then(() => Promise.reject(new Error(`${name} rejects late`)));
  }
}
