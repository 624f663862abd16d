import { setFlagsFromString } from "node:v8";

// Taken when the module loads: a test that mocks timers must not stop the runs.
const turn = setImmediate;

/** drain runs all microtasks that are queued, and those that they queue. Only for what the event loop has called itself. */
export const drain: () => void = tickCallback() ?? checkpoint() ?? unable();

// Node's own way back from a callback (DEP0134, in the documentation only).
function tickCallback(): (() => void) | undefined {
  const { _tickCallback } = process as { _tickCallback?: () => void };
  return typeof _tickCallback === "function" ? () => _tickCallback.call(process) : undefined;
}

function checkpoint(): (() => void) | undefined {
  try {
    setFlagsFromString("--allow-natives-syntax");
    // What is evaluated is this constant.
    // oxlint-disable-next-line typescript/no-implied-eval
    return new Function("%PerformMicrotaskCheckpoint()") as () => void;
  } catch {
    return undefined;
  }
}

function unable(): () => void {
  return () => {
    throw new Error("test: this engine cannot run microtasks on demand: use Node 24 or newer");
  };
}

/** nextTurn calls a function from the event loop. */
export function nextTurn(fn: () => void): void {
  turn(fn);
}
