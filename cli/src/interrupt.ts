import { type Ctx, background, withCancel } from "millrace/context";
import { Failure } from "millrace/errors";

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Interruptible is a ctx that ends with Ctrl-C and with SIGTERM. */
export interface Interruptible extends Disposable {
  readonly ctx: Ctx;
  /** exitCode is what a shell expects of what a signal ended, 130 or 143; undefined when none came. */
  readonly exitCode: number | undefined;
}

/**
 * interruptible has the first signal end the ctx, so that the command can leave things clean, and the second one the
 * process, at once. Dispose it when the command is done.
 */
export function interruptible(): Interruptible {
  const ctx = withCancel(background);
  let exitCode: number | undefined;
  const onSignal = (signal: keyof typeof EXIT_CODES): void => {
    if (exitCode !== undefined) process.exit(exitCode);
    exitCode = EXIT_CODES[signal];
    ctx.cancel(new Failure(`interrupted by ${signal}`, { code: "canceled", reason: "cli/interrupted" }));
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  return {
    ctx,
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]() {
      process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
      ctx.cancel();
    },
  };
}
