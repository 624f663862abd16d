import type { Ctx } from "millrace/context";

/** Detector is a part of the test kit that ought to find a kernel. */
export type Detector = "explore" | "race" | "leak" | "deadlock" | "time";

/** Environment is what a kernel runs on: the explorer, or a baseline. */
export interface Environment {
  readonly ctx: Ctx;
  /** io is an asynchronous call that takes some time: a query, a read, a request. It resolves to the value. */
  io<T = void>(value?: T): Promise<T>;
  /** sleep waits so many milliseconds. */
  sleep(ms: number): Promise<void>;
  /** tracked has the race detector look at an object; where there is none, it is the object itself. */
  tracked<T extends object>(obj: T, name: string): T;
}

/** Kernel is a concurrency bug that a project had, written anew in its smallest form, and the program without it. */
export interface Kernel {
  readonly id: number;
  readonly name: string;
  /** seen is where the bug was: owner/repository#issue, or the study that describes it. */
  readonly seen: readonly string[];
  readonly detectors: readonly Detector[];
  /** buggy fails, hangs or leaks in some orders of what it awaits. */
  readonly buggy: (k: Environment) => Promise<void>;
  /** fixed has the smallest change after which no order fails. */
  readonly fixed: (k: Environment) => Promise<void>;
}

/** calls makes n calls, one after the other: what a request does before it comes to the point. */
export async function calls(k: Environment, n: number): Promise<void> {
  for (let i = 0; i < n; i++) await k.io();
}
