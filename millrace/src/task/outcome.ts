import { rt } from "../runtime/hook.ts";
import { TaskNode } from "./task-node.ts";

type Resolve = (value: unknown) => void;

let resolve: Resolve;
let reject: Resolve;

function capture(onResult: Resolve, onError: Resolve): void {
  resolve = onResult;
  reject = onError;
}

/** Joined is the promise that the awaiters of a running task share, and the means to settle it. */
class Joined {
  readonly promise: Promise<unknown> = new Promise(capture);
  readonly resolve: Resolve = resolve;
  readonly reject: Resolve = reject;
}

/**
 * Outcome is a task whose result is kept for its awaiters. The promise is made for the first of them: a task that runs
 * has none, and most tasks that block are joined late or through a group.
 */
export class Outcome extends TaskNode {
  /** awaited says whether somebody is told the result, or has been. */
  awaited = false;
  /** owned says whether a block will learn of an error at its end, so that the process need not. */
  owned = false;
  #phase: "running" | "joined" | "done" | "failed" = "running";
  // Nothing, a Joined, the value, a rejected promise: as the phase says.
  #held: unknown = undefined;

  promise(): Promise<unknown> {
    this.awaited = true;
    if (rt !== null) rt.after(this, null);
    if (this.#phase === "done") return Promise.resolve(this.#held);
    if (this.#phase === "failed") return this.#held as Promise<never>;
    if (this.#phase === "running") this.#held = new Joined();
    this.#phase = "joined";
    return (this.#held as Joined).promise;
  }

  succeeded(value: unknown): void {
    if (rt !== null) rt.before(this);
    if (this.#phase === "joined") (this.#held as Joined).resolve(value);
    this.#phase = "done";
    this.#held = value;
  }

  failed(reason: unknown): void {
    if (this.#phase === "joined") {
      const { promise, reject } = this.#held as Joined;
      reject(reason);
      this.#held = promise;
    } else {
      // Nobody waits: if nobody comes in this turn either, it is the process's to know.
      const rejected = Promise.reject(reason);
      if (this.owned) rejected.catch(() => {});
      this.#held = rejected;
    }
    this.#phase = "failed";
  }
}
