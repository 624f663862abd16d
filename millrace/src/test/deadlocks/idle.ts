// Taken when the module loads: a test that mocks timers must not stop the watch.
const every = setInterval;
const clear = clearInterval;
const CHECK_MS = 10;
// What is open in a process that does nothing, beside the timer of the watch.
const STANDARD = new Set(["TTYWrap", "PipeWrap", "SignalWrap", "MessagePort"]);

const watched = new Set<() => void>();
let timer: NodeJS.Timeout | undefined;
let quiet = 0;

/**
 * whenIdle calls a function each time that the process has nothing left to do: no timer, socket or request is open.
 * Whatever waits in such a process waits for ever, but the process does not end, because of this watch.
 */
export function whenIdle(fn: () => void): Disposable {
  watched.add(fn);
  timer ??= every(check, CHECK_MS);
  return {
    [Symbol.dispose]() {
      watched.delete(fn);
      if (watched.size > 0) return;
      clear(timer);
      timer = undefined;
    },
  };
}

function check(): void {
  const open = process.getActiveResourcesInfo().filter((kind) => !STANDARD.has(kind));
  // Twice in a row, because what has just ended may have started something.
  quiet = open.every((kind) => kind === "Timeout") && open.length <= 1 ? quiet + 1 : 0;
  if (quiet >= 2) for (const fn of watched) fn();
}
