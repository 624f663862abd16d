import { SamplingBreaker, circuitBreaker, handleAll } from "cockatiel";
import { type Call, printCalls, proveBreaker } from "../kernels.ts";

const through = (): Call => {
  const breaker = new SamplingBreaker({ threshold: 0.5, duration: 10_000, minimumRps: 2 });
  const policy = circuitBreaker(handleAll, { halfOpenAfter: 5000, breaker });
  return (fn) => policy.execute(() => fn());
};

await proveBreaker(through());
await printCalls(through());
