import { background, withCancel } from "millrace/context";
import { Breaker } from "millrace/resilience";
import { leaving, printRefused } from "../kernels.ts";

const breaker = new Breaker();
await printRefused(
  (fn) => breaker.do(background, () => fn()),
  async () => {
    using ctx = withCancel(background);
    const call = breaker.do(ctx, (ctx) => leaving(ctx.signal));
    ctx.cancel();
    return await call;
  },
);
