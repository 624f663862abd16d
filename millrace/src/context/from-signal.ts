import { Waiter } from "../runtime/waiter.ts";
import type { CancelCtx, Ctx } from "./ctx.ts";
import { CancelNode, nodeOf, park } from "./node.ts";

/**
 * fromSignal derives a context that also ends when an AbortSignal aborts, with the signal's reason as its cause.
 * Its listener is taken off the signal when the context ends, so end it: `using ctx = fromSignal(parent, signal)`.
 */
export function fromSignal(parent: Ctx, signal: AbortSignal): CancelCtx {
  const up = nodeOf(parent);
  const node = new CancelNode(up);
  node.attach(up.core);
  if (signal.aborted) node.cancel(signal.reason);
  if (node.ended !== null) return node;
  const abort = (): void => node.cancel(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  park(node, new Listener(signal, abort));
  return node;
}

class Listener extends Waiter {
  readonly #signal: AbortSignal;
  readonly #abort: () => void;

  constructor(signal: AbortSignal, abort: () => void) {
    super();
    this.#signal = signal;
    this.#abort = abort;
  }

  wake(): void {
    this.#signal.removeEventListener("abort", this.#abort);
  }
}
