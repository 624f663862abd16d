import { Effect, Semaphore } from "effect";
import { printNanoseconds } from "../../lib/kernel.ts";
import { proveLimit } from "../kernels.ts";

const COUNT = 200_000;
const mutex = Semaphore.makeUnsafe(1);
await proveLimit(1, (fn) => Effect.runPromise(mutex.withPermit(Effect.promise(fn))));

const locked = mutex.withPermit(Effect.void);
const program = Effect.gen(function* () {
  for (let i = 0; i < COUNT; i++) yield* locked;
});
await printNanoseconds({ count: COUNT }, () => Effect.runPromise(program));
