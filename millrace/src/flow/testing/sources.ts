import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { type Receiver, chan } from "../../chan/index.ts";
import { runningTasks } from "../../task/index.ts";
import type { Source } from "../index.ts";

/** hops lets everything go on that can: 0 is the next microtask, else some turns of the event loop. */
export async function hops(turns: number = 3): Promise<void> {
  for (let i = 0; i < turns; i++) await setImmediate();
}

/** names lists the running tasks. */
export function names(): string[] {
  return runningTasks().map((task) => task.name);
}

/** upTo lists the numbers below n. */
export function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

/** filled is a channel that holds these and is closed. */
export function filled<T>(values: readonly T[]): Receiver<T> {
  const ch = chan<unknown>(values.length);
  for (const value of values) ch.trySend(value);
  ch.close();
  const out: unknown = ch;
  return out as Receiver<T>;
}

/** Watched is an async generator that says how far it came. */
export interface Watched<T> {
  readonly source: AsyncIterable<T>;
  readonly given: T[];
  /** open counts generators that have begun and have not been closed. */
  open: number;
}

/** watched makes one of values, with hops before each, that throws at its end if it is told to. */
export function watched<T>(values: readonly T[], turns: readonly number[] = [], err?: Error): Watched<T> {
  const it: Watched<T> & { source: AsyncIterable<T> } = { given: [], open: 0, source: { [Symbol.asyncIterator]: run } };
  async function* run(): AsyncGenerator<T> {
    it.open++;
    try {
      for (const [i, value] of values.entries()) {
        await hops(turns[i] ?? 0);
        it.given.push(value);
        yield value;
      }
      if (err !== undefined) throw err;
    } finally {
      it.open--;
    }
  }
  return it;
}

/** collect reads to the end, or to a number of values, and tells the error that came. */
export async function collect<T>(
  source: AsyncIterable<T>,
  most: number = Infinity,
): Promise<{ got: T[]; err?: unknown }> {
  const got: T[] = [];
  try {
    if (most > 0) {
      for await (const value of source) if (got.push(value) >= most) break;
    }
    return { got };
  } catch (err) {
    return { got, err };
  }
}

/** arbitrarySource makes any kind of source of the numbers below n, n up to 30. */
export const arbitrarySource: fc.Arbitrary<{ n: number; make: () => Source<number> }> = fc
  .record({
    n: fc.nat(30),
    kind: fc.constantFrom("array", "set", "generator", "channel"),
    turns: fc.array(fc.nat(2), { maxLength: 30 }),
  })
  .map(({ n, kind, turns }) => ({
    n,
    make: () => {
      if (kind === "array") return upTo(n);
      if (kind === "set") return new Set(upTo(n));
      return kind === "channel" ? filled(upTo(n)) : watched(upTo(n), turns).source;
    },
  }));
