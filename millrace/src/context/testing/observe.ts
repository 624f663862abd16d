import assert from "node:assert/strict";
import { type Ctx, afterDone } from "../index.ts";

/** timers counts the timers that keep the process alive. */
export function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
}

/** cpuMs is the processor time that this process has used: steady where other processes load the machine. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** shuffled is a copy in an order that the seed decides. */
export function shuffled<T>(values: readonly T[], seed: number): T[] {
  const out = [...values];
  let state = seed;
  for (let i = out.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** done resolves when a context is done, by its own notification. */
export function done(ctx: Ctx): Promise<void> {
  return new Promise((resolve) => void afterDone(ctx, resolve));
}

/** collected waits until the garbage collector has taken all of these, and fails if it does not. */
export async function collected(refs: readonly WeakRef<object>[]): Promise<void> {
  const { gc } = globalThis as { gc?: () => void };
  const collect = gc ?? (await exposedGc());
  for (let i = 0; i < 20; i++) {
    await new Promise(setImmediate);
    collect();
    if (refs.every((ref) => ref.deref() === undefined)) return;
  }
  assert.fail(`${refs.filter((ref) => ref.deref() !== undefined).length} of ${refs.length} are still held`);
}

async function exposedGc(): Promise<() => void> {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import("node:v8"), import("node:vm")]);
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
