import { fileURLToPath } from "node:url";

/** Stack is where something was done; it is put into words when somebody asks. */
export interface Stack {
  /** frames is it, innermost first, as V8 writes a frame without its "at ". */
  frames(): readonly string[];
  /** top is the first frame that is neither the test kit's nor Node's, as V8 writes it; "" if there is none. */
  top(): string;
}

// A path and no URL: runners that transform modules name them by their paths.
const TOOLKIT = new URL(import.meta.url).pathname.replace(/test\/leaks\/stack\.\w+$/, "");
const KIT = `${TOOLKIT}test/`;
const CWD = `${process.cwd()}/`;
const MAX_FRAMES = 4;
// As many frames of the toolkit may be on top of the caller's.
const MAX_DEPTH = 24;

/** stackHere is the stack of whoever called into the toolkit: 3 µs, and the frames cost as much again when they are read. */
export function stackHere(): Stack {
  const holder: { stack?: string } = {};
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = MAX_DEPTH;
  Error.captureStackTrace(holder, stackHere);
  Error.stackTraceLimit = before;
  const stack = (): string => holder.stack ?? "";
  return { frames: () => framesOf(stack()), top: () => stack().split("\n").find(isTop) ?? "" };
}

/** framesOf are the frames of a stack in code that is neither the toolkit's nor Node's. */
export function framesOf(stack: string): string[] {
  return stack
    .split("\n")
    .filter((line) => /^ *at /.test(line) && !/node:|\(<anonymous>\)/.test(line) && !isToolkit(line))
    .slice(0, MAX_FRAMES)
    .map((line) =>
      line
        .trim()
        .slice("at ".length)
        .replace(/file:\/\/[^\s)]+/, shortened),
    );
}

function isTop(line: string): boolean {
  return /^ *at /.test(line) && !line.includes("node:") && !(line.includes(KIT) && isToolkit(line));
}

/** isToolkit says whether a frame, or a file, is the toolkit's own. */
export function isToolkit(line: string): boolean {
  return line.includes(TOOLKIT) && !/\.test\.|\/testing\//.test(line);
}

function shortened(url: string): string {
  const [, file, place] = /^(.*?)((?::\d+)*)$/.exec(url)!;
  const path = fileURLToPath(file!);
  return `${path.startsWith(CWD) ? path.slice(CWD.length) : path}${place}`;
}

const made = new WeakMap<object, Stack>();

/** noteMade remembers where a lock or a channel was made: its name, to a reader. */
export function noteMade(thing: object): void {
  made.set(thing, stackHere());
}

/** madeAt is where it was made, as " made at store.ts:12:5", or "" if that is not known. */
export function madeAt(thing: object): string {
  const [frame] = made.get(thing)?.frames() ?? [];
  return frame === undefined ? "" : ` made at ${frame}`;
}
