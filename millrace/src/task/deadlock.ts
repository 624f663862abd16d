import type { CancelCtx } from "../context/index.ts";
import { CancelNode, nodeOf } from "../context/node.ts";
import { running } from "../runtime/registry.ts";
import { type RunningTask, runningTasks } from "./running.ts";
import { waitsOn } from "./task-node.ts";

/** DeadlockOptions say what must have ended beside the tasks. */
export interface DeadlockOptions {
  /** main is the context of a main function, which counts as one more task, "main", until the disposal. */
  readonly main?: CancelCtx;
}

// What Go exits with when all goroutines are asleep.
const EXIT_CODE = 2;
const MAX_TASKS = 20;
const MAX_FRAMES = 3;
const TOOLKIT = new URL(import.meta.url).pathname.replace(/task\/deadlock\.\w+$/, "");

/**
 * exitOnDeadlock has the process end with exit code 2, and a message on stderr that names the tasks that have not ended,
 * when nothing is left that could wake them: no timer, no socket, no request. Without it such a process ends in silence
 * with 0. It does so until it is disposed; `main` of millrace/app calls it. A process.exitCode that is set is kept.
 *
 * A timer that is set hides a deadlock, as in Go, and so does a wait whose context has a deadline: it will end. A
 * top-level `await` that waits for ever while there are no tasks is reported by Node itself, with exit code 13.
 */
export function exitOnDeadlock(options: DeadlockOptions = {}): Disposable {
  const since = performance.now();
  let asleep: readonly unknown[] = [];
  const check = (): void => {
    const entries: unknown[] = running();
    if (options.main !== undefined) entries.push(options.main);
    const before = asleep;
    asleep = entries;
    if (entries.length === 0) return;
    if (entries.length === before.length && entries.every((entry, i) => entry === before[i])) {
      process.off("beforeExit", check);
      process.exitCode ??= EXIT_CODE;
      process.stderr.write(describe(options.main, since));
    } else {
      // Others may start something as the process is about to exit: once that has ended too, we are asked again.
      setImmediate(() => {});
    }
  };
  process.on("beforeExit", check);
  return { [Symbol.dispose]: () => void process.off("beforeExit", check) };
}

// What is said of a task, and of main, which is none.
type Asleep = Omit<RunningTask, "id" | "parent" | "within">;

function describe(main: CancelCtx | undefined, since: number): string {
  const tasks: Asleep[] = runningTasks();
  if (main !== undefined) tasks.unshift(mainTask(main, since));
  const lines = tasks.slice(0, MAX_TASKS).map(line);
  if (tasks.length > lines.length) lines.push(`  … and ${tasks.length - lines.length} more\n`);
  const hint = tasks.some(({ startedBy }) => startedBy !== undefined)
    ? ""
    : "to see where tasks were started, call recordSpawns(true) of millrace/task first\n";
  return `deadlock: all tasks are asleep, and no timer, socket or request is left to wake them:\n${lines.join("")}${hint}`;
}

function mainTask(ctx: CancelCtx, since: number): Asleep {
  const node = nodeOf(ctx);
  const waits = node instanceof CancelNode ? waitsOn(node) : undefined;
  return { name: "main", state: "waiting", waits, ageMs: performance.now() - since, startedBy: undefined };
}

function line({ name, state, waits, ageMs, startedBy }: Asleep): string {
  const what = waits === undefined ? "waits for something the toolkit does not see" : `waits ${waits}`;
  const canceled = state === "canceled" ? ", although its context has ended" : "";
  const from = startedBy === undefined ? "" : framesOf(startedBy);
  return `  ${name}: ${what}${canceled}; started ${(ageMs / 1000).toFixed(1)} s ago\n${from}`;
}

/** framesOf is the part of a stack that its reader has written, as lines. */
function framesOf(stack: string): string {
  const frames = stack.split("\n").filter((frame) => !frame.includes("node:"));
  const first = frames.findIndex((frame) => !frame.includes(TOOLKIT) || /\.test\.|\/testing\//.test(frame));
  return frames
    .slice(Math.max(0, first), Math.max(0, first) + MAX_FRAMES)
    .map((frame) => `    ${frame.trim()}\n`)
    .join("");
}
