import { background, withCancel, withTimeout } from "millrace/context";
import { Breaker, Limiter, retry } from "millrace/resilience";
import { type Call, printCalls, proveBreaker, proveBulkhead, proveRetry, proveTimeout } from "../kernels.ts";

const ctx = withCancel(background);

function policy(timeoutMs: number, attempts: number): Call {
  const options = { attempts, baseMs: 1, retryable: () => true };
  const breaker = new Breaker();
  const limiter = new Limiter({ concurrency: 16, maxWaiting: 1000 });
  return (fn) =>
    retry(ctx, options, (ctx) =>
      limiter.do(ctx, (ctx) =>
        breaker.do(ctx, async (ctx) => {
          using limited = withTimeout(ctx, timeoutMs);
          return await (fn.length === 0 ? fn() : fn(limited.signal));
        }),
      ),
    );
}

await proveRetry(policy(1000, 3));
await proveBreaker(policy(1000, 1));
await proveBulkhead(16, policy(1000, 3));
await proveTimeout(policy(20, 1));
await printCalls(policy(1000, 3), 100_000);
