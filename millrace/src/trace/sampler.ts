/**
 * Sampler says whether a trace that begins here, or comes in, is recorded here. parent is what the caller has decided,
 * undefined where there is none. It is asked once for each trace in a process; all spans below share the answer.
 */
export type Sampler = (traceId: string, parent: boolean | undefined) => boolean;

// 52 bits: as many as a number holds exactly. Those are at the end, where ids are random whoever has made them.
const DIGITS = 13;
const RANGE = 2 ** 52;

/**
 * ratio samples this part of all traces, 0 to 1, by their ids alone: servers with the same ratio choose the same traces.
 * It does not ask the caller: for the outer edge, where a stranger must not decide.
 * Source: https://www.w3.org/TR/trace-context-2/#random-trace-id-flag
 */
export function ratio(part: number): Sampler {
  if (!(part >= 0 && part <= 1)) throw new RangeError(`trace: ratio: a number from 0 to 1, not ${part}`);
  const from = Math.ceil((1 - part) * RANGE);
  if (from === RANGE) return () => false;
  // Digits of one case compare as the numbers do.
  const threshold = from.toString(16).padStart(DIGITS, "0");
  return (traceId) => traceId.slice(-DIGITS) >= threshold;
}

/** parentBased does as the caller does, so that traces are whole; a trace that begins here is the root sampler's. */
export function parentBased(root: Sampler): Sampler {
  return (traceId, parent) => parent ?? root(traceId, undefined);
}
