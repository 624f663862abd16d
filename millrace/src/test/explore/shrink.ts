import { trimmed } from "./replay.ts";

// A failure of hundreds of decisions shrinks within this; each try is a run.
const MAX_TRIES = 500;

/**
 * shrink finds fewer switches that fail in the same way: it takes back rows of them, the long rows first, single ones
 * last, until nothing more can go. Taking back two in a row is what helps most: there and back again.
 * Source: Zeller's ddmin.
 */
export async function shrink(
  decisions: readonly number[],
  failsWith: (decisions: readonly number[]) => Promise<readonly number[] | undefined>,
): Promise<number[]> {
  let best = trimmed(decisions);
  let tries = 0;
  for (let size = forced(best); size >= 1; size = Math.trunc(size / 2)) {
    let from = 0;
    while (from < forced(best) && tries++ < MAX_TRIES) {
      // What it came to, and not what was asked for: the program may have been left with fewer choices.
      const failed = await failsWith(without(best, from, size));
      if (failed !== undefined && forced(failed) < forced(best)) {
        best = trimmed(failed);
        // Something may have become possible that was not.
        if (size <= 2) from = -1;
      }
      from++;
    }
    // Two are never left out.
    if (size === 3) size = 4;
  }
  return best;
}

/** without is the decisions with `size` of their switches taken back, from the switch number `from`. */
function without(decisions: readonly number[], from: number, size: number): number[] {
  let number = -1;
  return trimmed(
    decisions.map((decision) => (decision !== 0 && ++number >= from && number < from + size ? 0 : decision)),
  );
}

/** forced counts the decisions that are a switch. */
export function forced(decisions: readonly number[]): number {
  return decisions.filter((decision) => decision !== 0).length;
}
