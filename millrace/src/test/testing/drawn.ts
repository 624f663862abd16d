import { chan, select } from "../../chan/index.ts";
import { background } from "../../context/index.ts";

/** drawn is a number below n that the schedule decides upon, so that it is replayed and shrinks. */
export async function drawn(n: number): Promise<number> {
  const cases = Object.fromEntries(
    Array.from({ length: n }, (_, i) => {
      const ready = chan<number>(1);
      ready.trySend(i);
      return [String(i), ready];
    }),
  );
  // Each gives its number.
  return (await select(background, cases)).value as number;
}
