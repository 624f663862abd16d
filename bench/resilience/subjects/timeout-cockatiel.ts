import { TimeoutStrategy, timeout } from "cockatiel";
import { type Call, printCalls, proveTimeout } from "../kernels.ts";

const within = (ms: number): Call => {
  const policy = timeout(ms, TimeoutStrategy.Cooperative);
  return (fn) => policy.execute(({ signal }) => fn(signal));
};

await proveTimeout(within(20));
await printCalls(within(1000));
