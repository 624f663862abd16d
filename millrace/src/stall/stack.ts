// The frames below these belong to whoever called the context's code, and not to it.
const SWITCH =
  /node:internal\/(?:process\/task_queues|timers|async_local_storage|async_hooks)|node:async_hooks|AsyncLocalStorage\.run/;
const POSITION = /:\d+:\d+\)?$/;
const MAX_LINES = 12;

/** framesOf are the lines of a stack that belong to the code that was interrupted, innermost first. */
export function framesOf(stack: string | undefined): string[] {
  const frames: string[] = [];
  for (const line of (stack ?? "").split("\n").slice(1)) {
    const frame = line.trim().replace(/^at /, "");
    // The frame of the interrupt itself.
    if (/^<anonymous>:1:\d+$/.test(frame)) continue;
    if (SWITCH.test(frame) || frame.startsWith("async ")) break;
    frames.push(frame);
  }
  return frames;
}

/**
 * ranBefore says whether the code on a stack ran when the interrupt was asked for, however late it came. V8 looks for
 * interrupts when it enters a function, and in loops: so whatever has called a function was entered before.
 */
export function ranBefore(frames: readonly string[]): boolean {
  return frames.filter((frame) => POSITION.test(frame)).length >= 2;
}

/** positionOf is where a stack is in code that is not Node's. */
export function positionOf(frames: readonly string[]): string | undefined {
  return frames.find((frame) => POSITION.test(frame) && !/\(?node:/.test(frame));
}

/** shortStack is a stack for a line of a log. */
export function shortStack(frames: readonly string[]): string {
  return frames.slice(0, MAX_LINES).join("\n");
}
