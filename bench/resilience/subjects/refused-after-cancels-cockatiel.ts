import { SamplingBreaker, circuitBreaker, handleAll } from "cockatiel";
import { leaving, printRefused } from "../kernels.ts";

const breaker = new SamplingBreaker({ threshold: 0.5, duration: 10_000, minimumRps: 2 });
const policy = circuitBreaker(handleAll, { halfOpenAfter: 5000, breaker });
await printRefused(
  (fn) => policy.execute(() => fn()),
  async () => {
    const controller = new AbortController();
    const call = policy.execute(({ signal }) => leaving(signal), controller.signal);
    controller.abort();
    return await call;
  },
);
