import { inspect } from "node:util";
import type { Arbitrary } from "fast-check";
import type { Corpus, Saved } from "./corpus.ts";

type FastCheck = typeof import("fast-check");

/** Target is what is fuzzed. */
export interface Target<T> {
  readonly arbitrary: Arbitrary<T>;
  readonly fn: (value: T) => unknown;
}

// What shrinking gets when the time is up: a failure that nobody can read is half a failure.
const SHRINK_MS = 10_000;

/** rerun runs a saved failure again. */
export async function rerun<T>({ arbitrary, fn }: Target<T>, { value, seed, path }: Saved): Promise<void> {
  // It came from the arbitrary.
  if (value !== undefined) return void (await fn(value.of as T));
  const { check } = await fastCheck();
  const { errorInstance } = await check(await property({ arbitrary, fn }), { seed, path, endOnFailure: true });
  if (errorInstance !== null) throw errorInstance;
}

/**
 * search runs what the arbitrary gives for a time, and says how many; a failure is shrunk, saved, and thrown with how to
 * repeat it.
 */
export async function search<T>(target: Target<T>, timeMs: number, seed: number, corpus: Corpus): Promise<number> {
  const { check } = await fastCheck();
  const all = await property(target);
  const bounds = { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: timeMs };
  const first = await check(all, { ...bounds, seed });
  if (!first.failed) return first.numRuns;
  // On from there: the time may have been up before it was small.
  const path = first.counterexamplePath ?? "";
  const small = await check(all, { ...bounds, seed, path, interruptAfterTimeLimit: SHRINK_MS });
  const found = small.failed ? small : first;
  const [value] = found.counterexample ?? [];
  const end = found.counterexamplePath ?? path;
  const file = corpus.save(found.seed, end, value);
  const cause = found.errorInstance;
  throw new Error(
    `test: fuzz: it fails for ${inspect(value, { depth: 8, maxStringLength: 1000, maxArrayLength: 200 })}\n` +
      `  ${cause instanceof Error ? `${cause.name}: ${cause.message}` : inspect(cause)}\n` +
      `  found after ${first.numRuns} values, shrunk ${first.numShrinks + (small.failed ? small.numShrinks : 0)} times\n` +
      `  seed ${found.seed}, path ${end}; saved as ${file}`,
    { cause },
  );
}

async function property<T>({ arbitrary, fn }: Target<T>): Promise<import("fast-check").IAsyncProperty<[T]>> {
  const { asyncProperty } = await fastCheck();
  // What it returns is no verdict: a parser may well return false.
  return asyncProperty(arbitrary, async (value) => void (await fn(value)));
}

async function fastCheck(): Promise<FastCheck> {
  try {
    return await import("fast-check");
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw err;
    throw new Error("test: fuzz needs fast-check: npm install --save-dev fast-check", { cause: err });
  }
}
