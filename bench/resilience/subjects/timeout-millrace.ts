import { background, withCancel, withTimeout } from "millrace/context";
import { type Call, printCalls, proveTimeout } from "../kernels.ts";

const ctx = withCancel(background);
const within = (ms: number): Call => {
  return async (fn) => {
    using limited = withTimeout(ctx, ms);
    // The signal is made when it is asked for.
    return await (fn.length === 0 ? fn() : fn(limited.signal));
  };
};

await proveTimeout(within(20));
await printCalls(within(1000));
