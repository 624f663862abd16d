import CircuitBreaker from "opossum";
import pRetry from "p-retry";
import { type Call, printCalls, proveBreaker, proveRetry, proveTimeout } from "../kernels.ts";

// Its capacity refuses and has no queue, so that of it nothing is proven.
function policy(timeout: number, attempts: number): Call {
  const options = { timeout, capacity: 16, errorThresholdPercentage: 50, resetTimeout: 5000, volumeThreshold: 20 };
  const breaker = new CircuitBreaker((fn: () => Promise<unknown>) => fn(), options);
  const again = { retries: attempts - 1, minTimeout: 1, randomize: true };
  // It gives what the function gives, which its types do not say.
  return (fn) => pRetry(() => breaker.fire(fn) as ReturnType<typeof fn>, again);
}

await proveRetry(policy(1000, 3));
await proveBreaker(policy(1000, 1));
await proveTimeout(policy(20, 1));
await printCalls(policy(1000, 3), 50_000);
process.exit();
