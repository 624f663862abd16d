import { type Ctx, background, withCancel } from "../context/index.ts";
import { Failure, is } from "../errors/index.ts";
import { exitOnDeadlock, runningTasks } from "../task/index.ts";
import { latestApp } from "./app.ts";
import { exitCode, explain } from "./explain.ts";
import { EXIT_CODES, type Interrupt, interrupt, onInterrupt } from "./interrupt.ts";
import { nodeProblem } from "./node-version.ts";
import { describeTasks, whatKeepsAlive } from "./stuck.ts";

// A start that was interrupted must end within this, and a process after its main function.
const START_ABORT_MS = 10_000;
const LINGER_MS = 2000;

/**
 * main runs the main function of a process and decides how the process ends. It never rejects.
 *
 * A signal or an error that nobody caught ends the app that runs, and before one runs it cancels the context; a second
 * signal exits at once, with 130 or 143. A failure is shown on stderr on one screen and makes the exit code 78 (bad
 * configuration) or 1; its stack is in the app's log, or shown if there is no app or DEBUG is set. After a clean end
 * the process ends by itself with 0; if something keeps it alive for 2 seconds, that is named and the process exits.
 * A main function that waits for what cannot come any more, so that the process would end in silence, ends it with 2 and
 * the tasks' names: see exitOnDeadlock of millrace/task.
 */
export async function main(fn: (ctx: Ctx) => unknown): Promise<void> {
  const problem = nodeProblem(process.versions.node);
  if (problem !== undefined) {
    process.stderr.write(problem);
    process.exitCode = 1;
    return;
  }
  const before = latestApp();
  const ended = await runMain(fn);
  const app = latestApp() === before ? undefined : latestApp();
  if ("err" in ended) await app?.abort(ended.err);
  else await app?.[Symbol.asyncDispose]().catch(() => {});
  process.exitCode = ended.exitCode;
  if ("err" in ended) process.stderr.write(explain(ended.err, { stack: app === undefined || isDebug() }));
  if ("err" in ended && ended.err instanceof Failure && ended.err.reason === "app/stuck") process.exit();
  setTimeout(() => {
    process.stderr.write(`exit: the main function has ended, but this kept the process alive: ${whatKeepsAlive()}\n`);
    process.exit();
  }, LINGER_MS).unref();
}

type Ended = { readonly exitCode: number } | { readonly exitCode: number; readonly err: unknown };

async function runMain(fn: (ctx: Ctx) => unknown): Promise<Ended> {
  using ctx = withCancel(background);
  using _deadlock = exitOnDeadlock({ main: ctx });
  let first: Interrupt | undefined;
  let deadline: NodeJS.Timeout | undefined;
  using _interrupts = onInterrupt((what) => {
    if (first !== undefined && what.kind === "fault") process.stderr.write(explain(what.err, { stack: true }));
    first ??= what;
    const why = what.kind === "signal" ? `main: ${what.signal}` : "main: an error that nobody caught";
    ctx.cancel(
      new Failure(why, {
        code: "canceled",
        reason: "app/interrupted",
        cause: what.kind === "fault" ? what.err : undefined,
      }),
    );
    deadline ??= setTimeout(() => abandon(what), START_ABORT_MS);
  });
  using _faults = onFault((err) => interrupt({ kind: "fault", err }));
  try {
    await fn(ctx);
  } catch (err) {
    // An interrupt while nothing ran yet is what ended the start, whatever the start says about it.
    if (first?.kind === "signal" && is(err, "canceled")) return interrupted(first.signal);
    return first?.kind === "fault" ? failed(first.err) : failed(err);
  } finally {
    clearTimeout(deadline);
  }
  return first?.kind === "fault" ? failed(first.err) : { exitCode: 0 };
}

function failed(err: unknown): Ended {
  return { exitCode: exitCode(err), err };
}

function interrupted(signal: keyof typeof EXIT_CODES): Ended {
  process.stderr.write(`${signal} while starting\n`);
  return { exitCode: EXIT_CODES[signal] };
}

// The start did not end although its context did.
function abandon(what: Interrupt): void {
  process.stderr.write(`exit: the start did not end when it was canceled; running: ${describeTasks(runningTasks())}\n`);
  if (what.kind === "fault") process.stderr.write(explain(what.err, { stack: true }));
  process.exit(what.kind === "signal" ? EXIT_CODES[what.signal] : 1);
}

function onFault(fn: (err: unknown) => void): Disposable {
  process.on("uncaughtException", fn).on("unhandledRejection", fn);
  return {
    [Symbol.dispose]: () => void process.off("uncaughtException", fn).off("unhandledRejection", fn),
  };
}

function isDebug(): boolean {
  const debug = process.env["DEBUG"];
  return debug !== undefined && debug !== "" && debug !== "0";
}
