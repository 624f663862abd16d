import { Effect, Semaphore } from "effect";
import { printNanoseconds } from "../../lib/kernel.ts";
import { proveLimit } from "../kernels.ts";

const COUNT = 200_000;
const semaphore = Semaphore.makeUnsafe(4);
await proveLimit(4, (fn) => Effect.runPromise(semaphore.withPermit(Effect.promise(fn))));

const held = semaphore.withPermit(Effect.void);
const program = Effect.gen(function* () {
  for (let i = 0; i < COUNT; i++) yield* held;
});
await printNanoseconds({ count: COUNT }, () => Effect.runPromise(program));
