import CircuitBreaker from "opossum";
import { leaving, printRefused } from "../kernels.ts";

const options = { timeout: false as const, errorThresholdPercentage: 50, resetTimeout: 5000, volumeThreshold: 20 };
const breaker = new CircuitBreaker((fn: () => Promise<unknown>) => fn(), options);
await printRefused(
  (fn) => breaker.fire(fn) as ReturnType<typeof fn>,
  async () => {
    const controller = new AbortController();
    const call = breaker.fire(() => leaving(controller.signal));
    controller.abort();
    return (await call) as never;
  },
);
process.exit();
