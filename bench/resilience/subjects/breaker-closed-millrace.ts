import { background, withCancel } from "millrace/context";
import { Breaker } from "millrace/resilience";
import { type Call, printCalls, proveBreaker } from "../kernels.ts";

const ctx = withCancel(background);
const through = (breaker: Breaker): Call => {
  return (fn) => breaker.do(ctx, () => fn());
};

await proveBreaker(through(new Breaker()));
await printCalls(through(new Breaker()));
