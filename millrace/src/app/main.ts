import { type Ctx, background, withCancel } from "../context/index.ts";
import { Failure, is } from "../errors/index.ts";
import { exitOnDeadlock, runningTasks } from "../task/index.ts";
import { type App, latestApp } from "./app.ts";
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
  const appOf = (): App | undefined => (latestApp() === before ? undefined : latestApp());
  const ended = await runMain(fn, appOf);
  process.exitCode = ended.exitCode;
  if ("err" in ended) process.stderr.write(explain(ended.err, { stack: appOf() === undefined || isDebug() }));
  if ("err" in ended && ended.err instanceof Failure && ended.err.reason === "app/stuck") process.exit();
  setTimeout(() => {
    process.stderr.write(`exit: the main function has ended, but this kept the process alive: ${whatKeepsAlive()}\n`);
    process.exit();
  }, LINGER_MS).unref();
}

type Ended = { readonly exitCode: number } | { readonly exitCode: number; readonly err: unknown };

// Signals and faults are ours until the app is closed: neither may cut off a resource that closes.
async function runMain(fn: (ctx: Ctx) => unknown, appOf: () => App | undefined): Promise<Ended> {
  using ctx = withCancel(background);
  using _deadlock = exitOnDeadlock({ main: ctx });
  let first: Interrupt | undefined;
  let deadline: NodeJS.Timeout | undefined;
  let over = false;
  // An error that nobody caught while the app is closed: the end was not clean.
  let late: { readonly exitCode: number } | undefined;
  using _interrupts = onInterrupt((what) => {
    if (what.kind === "fault" && (first !== undefined || over))
      process.stderr.write(explain(what.err, { stack: true }));
    first ??= what;
    if (over && what.kind === "fault") late ??= { exitCode: exitCode(what.err) };
    if (over) return;
    const why = what.kind === "signal" ? `main: ${what.signal}` : "main: an error that nobody caught";
    ctx.cancel(
      new Failure(why, {
        code: "canceled",
        reason: "app/interrupted",
        cause: what.kind === "fault" ? what.err : undefined,
      }),
    );
    deadline ??= setTimeout(() => abandon(what, appOf()), START_ABORT_MS);
  });
  using _faults = onFault((err) => interrupt({ kind: "fault", err }));
  const ended = await outcome(fn, ctx, () => first);
  clearTimeout(deadline);
  over = true;
  const closed = await close(ended, appOf());
  return "err" in closed ? closed : (late ?? closed);
}

async function outcome(fn: (ctx: Ctx) => unknown, ctx: Ctx, first: () => Interrupt | undefined): Promise<Ended> {
  try {
    await fn(ctx);
  } catch (err) {
    const what = first();
    // An interrupt while nothing ran yet is what ended the start, whatever the start says about it.
    if (what?.kind === "signal" && is(err, "canceled")) return interrupted(what.signal);
    return what?.kind === "fault" ? failed(what.err) : failed(err);
  }
  const what = first();
  return what?.kind === "fault" ? failed(what.err) : { exitCode: 0 };
}

// Closes the app, if the main function has not; one that got stuck has not ended well.
async function close(ended: Ended, app: App | undefined): Promise<Ended> {
  if (app === undefined) return ended;
  if ("err" in ended) await app.abort(ended.err);
  else {
    try {
      await app[Symbol.asyncDispose]();
    } catch (err) {
      return failed(err);
    }
  }
  return ended;
}

function failed(err: unknown): Ended {
  return { exitCode: exitCode(err), err };
}

function interrupted(signal: keyof typeof EXIT_CODES): Ended {
  process.stderr.write(`${signal} while starting\n`);
  return { exitCode: EXIT_CODES[signal] };
}

// The start did not end although its context did. An app that is stopping has budgets of its own.
function abandon(what: Interrupt, app: App | undefined): void {
  if (app !== undefined && app.state !== "starting") return;
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
