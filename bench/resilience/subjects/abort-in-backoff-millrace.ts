import { background, fromSignal } from "millrace/context";
import { Failure } from "millrace/errors";
import { retry } from "millrace/resilience";
import { printAbort } from "../kernels.ts";

// Its waits are random; what the error asks for is the least.
class Later extends Failure {
  readonly retryAfterMs = 500;
}

await printAbort((fn, signal) =>
  retry(fromSignal(background, signal), { retryable: () => true }, async () => {
    await fn().catch((cause: unknown) => {
      throw new Later("later", { code: "unavailable", cause });
    });
  }),
);
