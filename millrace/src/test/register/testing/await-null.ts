import { ExploreError, explore } from "../../index.ts";

// Makes the engine as blind as one would be that does not ask for the constructor.
if ("blind" in globalThis) {
  const define = Object.defineProperty;
  Object.defineProperty = <T>(on: T, name: PropertyKey, descriptor: PropertyDescriptor & ThisType<unknown>): T =>
    on === (Promise.prototype as unknown) && name === "constructor" ? on : define(on, name, descriptor);
}

async function program(): Promise<void> {
  let count = 0;
  async function add(): Promise<void> {
    const before = count;
    // oxlint-disable-next-line typescript/await-thenable, unicorn/no-unnecessary-await
    await null;
    count = before + 1;
  }
  const one = add();
  // In the engine's order the first is done before the second begins.
  // oxlint-disable-next-line typescript/await-thenable, unicorn/no-unnecessary-await
  for (let i = 0; i < 3; i++) await null;
  await Promise.all([one, add()]);
  if (count !== 2) throw new Error("lost");
}

try {
  await explore(program, { runs: 500 });
  console.log("missed");
} catch (err) {
  if (!(err instanceof ExploreError)) throw err;
  console.log(`${err.kind}: ${(err.cause as Error).message}`);
}
