import { runningTasks } from "../task/index.ts";
import { describeTasks } from "./stuck.ts";

/** Interrupt is what ends a process from outside its code: a signal, or an error that nobody caught. */
export type Interrupt =
  | { readonly kind: "signal"; readonly signal: "SIGINT" | "SIGTERM" }
  | { readonly kind: "fault"; readonly err: unknown };

/** EXIT_CODES are what a shell expects of a process that a signal ended: 128 and the signal's number. */
export const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

// Signals come to the process, so this is the process's: who wants to know, innermost last.
const listeners: ((interrupt: Interrupt) => void)[] = [];
let signaled = false;

/**
 * onInterrupt has the signals SIGINT and SIGTERM given to a function instead of ending the process, until it is
 * disposed. Of several functions the latest gets them. The second signal ends the process at once.
 */
export function onInterrupt(listener: (interrupt: Interrupt) => void): Disposable {
  if (listeners.length === 0) process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  listeners.push(listener);
  return {
    [Symbol.dispose]() {
      listeners.splice(listeners.lastIndexOf(listener), 1);
      if (listeners.length > 0) return;
      process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
      signaled = false;
    },
  };
}

/** interrupt gives an interrupt to whom it concerns. */
export function interrupt(what: Interrupt): void {
  listeners.at(-1)?.(what);
}

function onSignal(signal: "SIGINT" | "SIGTERM"): void {
  if (signaled) {
    process.stderr.write(`${signal} again: exit without waiting for ${describeTasks(runningTasks())}\n`);
    process.exit(EXIT_CODES[signal]);
  }
  signaled = true;
  interrupt({ kind: "signal", signal });
}
