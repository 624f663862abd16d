import { createHook } from "node:async_hooks";
import { getEventListeners } from "node:events";
import { counted } from "../world/counted.ts";
import { Patches } from "../world/patches.ts";
import { watches, watching } from "./hook.ts";
import { isToolkit, stackHere } from "./stack.ts";
import type { Open, Watch } from "./watch.ts";

const patches = new Patches();
const timers = createHook({ init: timerSet, destroy: timerGone, trackPromises: false });
const open = new Map<number, { readonly timer: object; readonly all: readonly Watch[] }>();

/** watchOutside notes the timers and the listeners of the toolkit's on signals that tests leave, until it is disposed; it counts. */
export const watchOutside: () => Disposable = counted(() => {
  timers.enable();
  patches.replace(EventTarget.prototype, "addEventListener", adding);
  return () => {
    timers.disable();
    open.clear();
    patches[Symbol.dispose]();
  };
});

function timerSet(id: number, type: string, _trigger: number, timer: object): void {
  if (type !== "Timeout" || watches.getStore() === undefined) return;
  const all = watching();
  const stack = stackHere();
  // Those of an alarm are told as what they are for; the watch's own have no frames.
  if (all.length === 0 || stack.top().includes("/runtime/alarm.")) return;
  const note: Open = {
    kind: "timer",
    name: "timer",
    state: "is set",
    stack,
    // One that holds no process alive is left on purpose.
    open: () => isOpen(timer),
  };
  for (const watch of all) watch.others.add(timer, note);
  open.set(id, { timer, all });
}

function timerGone(id: number): void {
  const known = open.get(id);
  if (known === undefined) return;
  open.delete(id);
  for (const watch of known.all) watch.others.delete(known.timer);
}

// What is cleared is destroyed in a later turn, and says so at once.
function isOpen(timer: { _destroyed?: boolean; hasRef?: () => boolean }): boolean {
  return timer._destroyed !== true && timer.hasRef?.() !== false;
}

type Add = EventTarget["addEventListener"];

// What is added to a signal is noted, and when somebody looks, whether it is still there.
function adding(real: Add): Add {
  return function (this: EventTarget, ...args: Parameters<Add>) {
    const all = this instanceof AbortSignal ? watching() : [];
    if (all.length === 0 || typeof args[1] !== "function") return real.apply(this, args);
    const stack = stackHere();
    if (!isToolkit(stack.top())) return real.apply(this, args);
    const signal = this as AbortSignal;
    const listener = args[1];
    real.apply(this, args);
    const note = { kind: "listener", name: "listener", state: "is on an AbortSignal", stack } as const;
    const there = (): boolean => !signal.aborted && getEventListeners(signal, "abort").includes(listener);
    for (const watch of all) watch.others.add(listener, { ...note, open: there });
    return undefined;
  };
}
