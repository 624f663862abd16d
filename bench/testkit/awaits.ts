import { printNanoseconds } from "../lib/kernel.ts";

const COUNT = 1_000_000;

async function leaf(): Promise<number> {
  return 1;
}

/** printAwait prints what an await of an async function costs. */
export async function printAwait(): Promise<void> {
  await printNanoseconds({ count: COUNT }, async () => {
    for (let i = 0; i < COUNT; i++) if ((await leaf()) !== 1) throw new Error("a wrong value");
  });
}
