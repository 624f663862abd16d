import type { Waiter } from "./waiter.ts";

/** Wait says what a parked task waits for. */
export type Wait = "recv" | "send" | "select" | "sleep";

/** Hook is told what tasks do; the test kit and the console's task dump implement it. */
export interface Hook {
  /** park is called when a task has begun to wait: its waiter, and the channel, or whatever it waits on. */
  park(waiter: Waiter, wait: Wait, on: object): void;
}

/** rt is the hook that is installed. In production there is none, and each slow path pays one comparison. */
export let rt: Hook | null = null;

/** install sets the hook, or takes it away. */
export function install(hook: Hook | null): void {
  rt = hook;
}
