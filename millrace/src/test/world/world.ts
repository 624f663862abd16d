import { AsyncLocalStorage } from "node:async_hooks";
import type { Races } from "../race/races.ts";
import type { TaskEntry } from "../../runtime/registry.ts";
import type { LockBook } from "../deadlocks/lock-book.ts";
import type { Watch } from "../leaks/watch.ts";
import type { VirtualClock } from "./clock.ts";

export type Callback = ((value: never) => unknown) | null | undefined;

/**
 * World is a piece of the program that a test controls: what runs in it sees its clock, its randomness and, where it
 * schedules, its order. Code belongs to the world that it was called in, across awaits, timers and callbacks.
 */
export interface World {
  readonly clock: VirtualClock;
  /** locks is what is known of the locks that its code takes, in a world that schedules. */
  readonly locks?: LockBook;
  /** watch is what was begun in it and has not ended. */
  readonly watch?: Watch;
  /** sites says whether somebody will read where things are done. */
  readonly sites?: boolean;
  /** begins is called when a task of `go` begins to run. */
  begins?(task: TaskEntry): void;
  /** awaiting is called where an `await` of a promise begins, synchronously, in the function that awaits. */
  awaiting(promise: Promise<unknown>): void;
  /** react stands for Promise.prototype.then, also where the engine calls it for an await. */
  react(promise: Promise<unknown>, onResult: Callback, onError: Callback): Promise<unknown>;
  /** combined is told what a promise of Promise.all or its like waits for. */
  combined?(promise: Promise<unknown>, name: string, elements: readonly unknown[]): void;
  /** races is the race detector of the world; undefined where none is wanted. */
  races?(): Races | undefined;
  /** soon stands for queueMicrotask and process.nextTick. */
  soon(fn: () => void): void;
  /** choose is a number below n in place of a random one of the toolkit's: what a select takes. */
  choose(n: number): number;
  /** random stands for Math.random: from 0 up to 1. */
  random(): number;
}

/** worlds says in which world the running code is: undefined outside of all of them. */
export const worlds: AsyncLocalStorage<World> = new AsyncLocalStorage<World>({ name: "millrace/test" });
