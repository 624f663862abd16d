import CircuitBreaker from "opossum";
import { type Call, printCalls, proveBreaker } from "../kernels.ts";

const through = (): Call => {
  const options = { timeout: false as const, errorThresholdPercentage: 50, resetTimeout: 5000, volumeThreshold: 20 };
  const breaker = new CircuitBreaker((fn: () => Promise<unknown>) => fn(), options);
  // It gives what the function gives, which its types do not say.
  return (fn) => breaker.fire(fn) as ReturnType<typeof fn>;
};

await proveBreaker(through());
await printCalls(through());
process.exit();
