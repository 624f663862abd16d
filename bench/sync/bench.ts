import { join } from "node:path";
import type { Bench, Case } from "../lib/bench.ts";
import { kernelCase } from "../lib/cases.ts";
import { nodeSubject } from "../lib/subject.ts";

const dir = join(import.meta.dirname, "subjects");

function nanoseconds(name: string, peers: readonly string[]): Case {
  const subject = (peer: string) => nodeSubject(peer, join(dir, `${name}-${peer}.ts`));
  return kernelCase({ name, unit: "ns", better: "lower", subjects: ["millrace", ...peers].map(subject) });
}

/**
 * What a lock costs when nobody else wants it, the common case, and when sixteen tasks do, the worst. Every subject is
 * written as its own documentation would have it on a hot path; ours can be canceled in every wait, as it always can.
 */
export const bench: Bench = {
  name: "sync",
  cases: [
    // Lock and unlock, awaited, with nobody waiting.
    nanoseconds("mutex", ["async-mutex", "effect"]),
    // The same by sixteen tasks that each hold it across one await.
    nanoseconds("mutex-contended", ["async-mutex", "effect"]),
    // Acquire and release of one of four tokens, with nobody waiting: what need not be awaited is not.
    nanoseconds("semaphore", ["async-sema", "effect"]),
    // The same, always awaited.
    nanoseconds("semaphore-awaited", ["async-sema", "effect"]),
    // Sixteen tasks for four tokens, each held across one await.
    nanoseconds("semaphore-contended", ["async-sema", "effect"]),
    // A thousand jobs of one await each, at most sixteen at a time, and all of their results.
    nanoseconds("limiter", ["p-limit", "effect"]),
  ],
};
