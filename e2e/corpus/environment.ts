import { background } from "millrace/context";
import { type T, tracked } from "millrace/test";
import type { Environment } from "./kernel.ts";

/** explored is the environment in the explorer: an asynchronous call is an await, before which anything may happen. */
export function explored(t: T): Environment {
  return { ctx: t.ctx, io, sleep, tracked };
}

/** plain is the environment of a test as it is usually written: each call takes a turn of the event loop. */
export const plain: Environment = { ctx: background, io: turn, sleep, tracked: untracked };

/** jittered is plain with a random delay in each call: 0 to 3 milliseconds. */
export const jittered: Environment = {
  ctx: background,
  async io<R>(value?: R): Promise<R> {
    const ms = Math.trunc(Math.random() * 4);
    await (ms === 0 ? turn() : sleep(ms));
    return value as R;
  },
  sleep,
  tracked: untracked,
};

/** wrapped is plain with each call wrapped into a scheduler, as fast-check wants it; the timers are real. */
export function wrapped(schedule: <R>(task: Promise<R>) => Promise<R>): Environment {
  return { ctx: background, io: (value) => schedule(Promise.resolve(value as never)), sleep, tracked: untracked };
}

async function io<R>(value?: R): Promise<R> {
  await Promise.resolve();
  return value as R;
}

function turn<R>(value?: R): Promise<R> {
  return new Promise((resolve) => setImmediate(() => resolve(value as R)));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function untracked<O extends object>(obj: O): O {
  return obj;
}
