import assert from "node:assert/strict";
import { printNanoseconds } from "../lib/kernel.ts";

/** Call makes a call through a policy. */
export type Call = <T>(fn: (signal?: AbortSignal) => Promise<T>) => Promise<T>;

/** ok is the call that is measured. */
export async function ok(): Promise<number> {
  return 7;
}

/** failing fails so often, then gives 7; `made` counts. */
export function failing(times: number): { readonly fn: () => Promise<number>; made: number } {
  const state = {
    made: 0,
    fn: async () => {
      if (++state.made <= times) throw new Error("down");
      return 7;
    },
  };
  return state;
}

/** printCalls proves what the call gives and measures it, one after the other. */
export async function printCalls(call: Call, count: number = 200_000): Promise<void> {
  assert.equal(await call(ok), 7);
  await printNanoseconds({ count }, async () => {
    for (let i = 0; i < count; i++) await call(ok);
  });
}

/** printTogether measures calls of which a thousand are made at once. */
export async function printTogether(call: Call, rounds: number): Promise<void> {
  const all = (): Promise<number[]> => Promise.all(Array.from({ length: 1000 }, () => call(ok)));
  assert.ok((await all()).every((each) => each === 7));
  await printNanoseconds({ count: rounds * 1000 }, async () => {
    for (let i = 0; i < rounds; i++) await all();
  });
}

/** proveRetry throws unless a call that fails twice is made three times. */
export async function proveRetry(call: Call): Promise<void> {
  const twice = failing(2);
  assert.deepEqual([await call(twice.fn), twice.made], [7, 3]);
}

/** proveBreaker throws unless the policy refuses after fifty failures, without a call. */
export async function proveBreaker(call: Call): Promise<void> {
  const down = failing(50);
  for (let i = 0; i < 50; i++) await call(down.fn).catch(() => undefined);
  const { made } = down;
  await assert.rejects(call(down.fn));
  assert.equal(down.made, made, "it must be refused");
}

/** proveBulkhead throws unless exactly so many of a hundred calls are made together, and all of them in the end. */
export async function proveBulkhead(limit: number, call: Call): Promise<void> {
  let [inside, most] = [0, 0];
  const task = async (): Promise<number> => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setTimeout(resolve, 50));
    inside--;
    return 7;
  };
  const results = await Promise.all(Array.from({ length: 100 }, () => call(task)));
  assert.deepEqual([most, results.length], [limit, 100]);
}

/** proveTimeout throws unless a call that waits for its signal is ended, and fails. */
export async function proveTimeout(call: Call): Promise<void> {
  const until = (signal?: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
    });
  const alive = setTimeout(() => {}, 10_000);
  await assert.rejects(call(until));
  clearTimeout(alive);
}

/** KEYS are 16,384 keys of 10,000, in a fixed disorder and skewed: a tenth of them is asked for half of the time. */
export const KEYS: readonly string[] = Array.from({ length: 16_384 }, (_, i) => {
  const n = (i * 7919) % 10_007;
  return `client-${i % 2 === 0 ? n % 1000 : n % 10_000}`;
});

/** printAbort measures how long a call goes on that its caller has left while it waits before its second attempt. */
export async function printAbort(
  call: (fn: () => Promise<never>, signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const controller = new AbortController();
  let made = 0;
  const down = async (): Promise<never> => {
    made++;
    throw new Error("down");
  };
  const ended = call(down, controller.signal).catch(() => performance.now());
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(made, 1, "it must wait before its second attempt");
  const since = performance.now();
  controller.abort();
  console.log(JSON.stringify({ value: Number(await ended) - since }));
}

/** printRefused makes 100 calls that their callers leave, and then counts how many of 100 good ones are refused. */
export async function printRefused(call: Call, leave: Call): Promise<void> {
  for (let i = 0; i < 100; i++) await leave(ok).catch(() => undefined);
  let refused = 0;
  for (let i = 0; i < 100; i++) await call(ok).catch(() => refused++);
  console.log(JSON.stringify({ value: refused }));
}

/** leaving waits for a signal and throws what fetch throws. */
export function leaving(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}
