import { Copy, type Result } from "./copy.ts";
import type { Mutant } from "./mutant.ts";

// Copies of the sources in which mutants run at the same time. A mutant is one process at a time, mostly its start.
const COPIES = 2;

/** LIMIT_MS is what a test file may take when nothing is wrong. */
const LIMIT_MS = 120_000;

/**
 * runMutants runs each mutant against the tests that must notice it, and gives what became of them, in their order;
 * `tell` hears of each as it comes. It throws if one of the tests fails without a mutant, which would kill all of them.
 */
export async function runMutants(
  mutants: readonly Mutant[],
  tell: (result: Result) => void = () => undefined,
): Promise<Result[]> {
  const ms = await measured(mutants);
  const results = new Map<Mutant, Result>();
  await share(mutants, async (copy, mutant) => {
    const result = await copy.run(mutant, ms);
    results.set(mutant, result);
    tell(result);
  });
  return mutants.map((mutant) => results.get(mutant)!);
}

// How long each test file takes without a mutant, next to another one, as it will be.
async function measured(mutants: readonly Mutant[]): Promise<Map<string, number>> {
  using sources = new Copy();
  const ms = new Map<string, number>();
  await share([...new Set(mutants.flatMap((mutant) => sources.files(mutant)))], async (copy, file) => {
    const began = performance.now();
    const failed = await copy.failure(file, LIMIT_MS);
    if (failed !== undefined) throw new Error(`mutate: fails without a mutant: ${file}: ${failed}`);
    ms.set(file, performance.now() - began);
  });
  return ms;
}

async function share<T>(items: readonly T[], work: (copy: Copy, item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    using copy = new Copy();
    for (const item of queue) await work(copy, item);
  };
  await Promise.all(Array.from({ length: COPIES }, worker));
}
