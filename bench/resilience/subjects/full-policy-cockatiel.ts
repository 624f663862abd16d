import {
  ExponentialBackoff,
  SamplingBreaker,
  TimeoutStrategy,
  bulkhead,
  circuitBreaker,
  handleAll,
  retry,
  timeout,
  wrap,
} from "cockatiel";
import { type Call, printCalls, proveBreaker, proveBulkhead, proveRetry, proveTimeout } from "../kernels.ts";

function policy(timeoutMs: number, attempts: number): Call {
  const breaker = new SamplingBreaker({ threshold: 0.5, duration: 10_000, minimumRps: 2 });
  const all = wrap(
    retry(handleAll, { maxAttempts: attempts - 1, backoff: new ExponentialBackoff({ initialDelay: 1 }) }),
    bulkhead(16, 1000),
    circuitBreaker(handleAll, { halfOpenAfter: 5000, breaker }),
    timeout(timeoutMs, TimeoutStrategy.Cooperative),
  );
  return (fn) => all.execute(({ signal }) => fn(signal));
}

await proveRetry(policy(1000, 3));
await proveBreaker(policy(1000, 1));
await proveBulkhead(16, policy(1000, 3));
await proveTimeout(policy(20, 1));
await printCalls(policy(1000, 3), 50_000);
