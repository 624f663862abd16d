import { type Ctx, afterDone, background, withTimeout } from "../context/index.ts";
import { type Code, codeOf } from "../errors/index.ts";
import { go } from "../task/index.ts";

/** Check tells whether something that the service needs works: it resolves if so, and rejects if not. */
export type Check = (ctx: Ctx) => PromiseLike<unknown>;

/** CheckResult is the outcome of a check as a client may see it: of an error, its code alone. */
export interface CheckResult {
  readonly status: "up" | "down";
  readonly duration_ms: number;
  readonly error?: Code;
}

/**
 * CheckRunner runs one check within a time limit, at most once at a time: one that ignores its context is not started
 * again before it has ended.
 */
export class CheckRunner {
  readonly #name: string;
  readonly #check: Check;
  readonly #timeoutMs: number;
  // A run that is over its time counts as this until it ends.
  #hanging = false;

  constructor(name: string, check: Check, timeoutMs: number) {
    this.#name = name;
    this.#check = check;
    this.#timeoutMs = timeoutMs;
  }

  /** run never rejects. */
  run(): Promise<CheckResult> {
    const startedAt = performance.now();
    const result = (error: Code | undefined): CheckResult => {
      const duration_ms = Math.round((performance.now() - startedAt) * 10) / 10;
      return error === undefined ? { status: "up", duration_ms } : { status: "down", duration_ms, error };
    };
    if (this.#hanging) return Promise.resolve(result("deadline_exceeded"));
    this.#hanging = true;
    // Not under a request's context: one run serves all requests that ask meanwhile.
    const ctx = withTimeout(background, this.#timeoutMs);
    const task = go(ctx, this.#check, { name: `health ${this.#name}` });
    const { promise, resolve } = Promise.withResolvers<CheckResult>();
    afterDone(ctx, () => resolve(result("deadline_exceeded")));
    const settle = (error: Code | undefined): void => {
      this.#hanging = false;
      resolve(result(error));
      ctx.cancel();
    };
    task.then(
      () => settle(undefined),
      (err: unknown) => settle(codeOf(err)),
    );
    return promise;
  }
}
