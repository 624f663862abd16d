import { join } from "node:path";
import type { Bench, Case } from "../lib/bench.ts";
import { kernelCase } from "../lib/cases.ts";
import { nodeSubject } from "../lib/subject.ts";

const dir = join(import.meta.dirname, "subjects");

function kernel(name: string, unit: string, peers: readonly string[], rounds?: number): Case {
  const subjects = ["millrace", ...peers].map((peer) => nodeSubject(peer, join(dir, `${name}-${peer}.ts`)));
  return kernelCase({ name, unit, better: "lower", subjects, ...(rounds !== undefined && { rounds }) });
}

/**
 * What a call costs that nothing is wrong with, the common case: each awaits a function that is async and does nothing.
 * Every subject is written as its own documentation would have it. Ours can be canceled in every wait, as it always can;
 * the others are given no signal, which is the quicker way for them.
 */
export const bench: Bench = {
  name: "resilience",
  cases: [
    // Retry of what succeeds at once.
    kernel("retry-first-try", "ns", ["cockatiel", "p-retry"]),
    // A breaker that opens when half of the calls in ten seconds fail, and is closed.
    kernel("breaker-closed", "ns", ["adaptive", "cockatiel", "opossum"]),
    // At most sixteen at once, and nobody waits.
    kernel("bulkhead", "ns", ["cockatiel", "p-limit"]),
    // A second for the call, which takes none.
    kernel("timeout", "ns", ["cockatiel"]),
    // All four around one another.
    kernel("full-policy", "ns", ["cockatiel", "p-retry-opossum"]),
    // A token that is there, for each of a thousand calls at once: the other waits for timers between two.
    kernel("token-bucket", "ns", ["bottleneck"]),
    // A call of one of 10,000 keys, some of them asked for more often than others; the other counts in fixed windows.
    kernel("gcra", "ns", ["rate-limiter-flexible"]),
    // Every key new, of which ours remembers 10,000; the other remembers each until its window is over.
    kernel("gcra-new-keys", "ns", ["rate-limiter-flexible"]),
    // What they do: from the caller's cancellation, in a wait of 500 ms between attempts, to the end of the call.
    kernel("abort-in-backoff", "ms", ["cockatiel", "p-retry"], 3),
    // Of 100 calls how many are refused after 100 that their callers have canceled.
    kernel("refused-after-cancels", "calls", ["cockatiel", "opossum"], 1),
  ],
};
