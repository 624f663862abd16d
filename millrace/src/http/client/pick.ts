/** Candidate is what the choice between upstreams looks at. */
export interface Candidate {
  /** ready says whether it takes calls: its breaker is not open. */
  readonly ready: boolean;
  readonly inFlight: number;
  /** penalty is how much it has failed lately. */
  readonly penalty: number;
}

// A failure weighs as much as five calls in flight would. Without it an upstream that fails at once has never anything
// in flight, and gets all the traffic.
const FAILURE_WEIGHT = 5;

/**
 * pick chooses an upstream: of two by chance, the one with less in flight, weighed with its failures. It keeps away from
 * those that were tried and those that are not ready, as long as there are others; undefined if there is none at all.
 * Source: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing".
 */
export function pick<C extends Candidate>(all: readonly C[], tried: ReadonlySet<C>): C | undefined {
  if (all.length < 2) return all[0];
  let from = all.filter((one) => one.ready && !tried.has(one));
  if (from.length === 0) from = all.filter((one) => one.ready);
  if (from.length === 0) from = [...all];
  const first = Math.floor(Math.random() * from.length);
  if (from.length === 1) return from[first];
  // Another one, each with the same chance.
  const second = (first + 1 + Math.floor(Math.random() * (from.length - 1))) % from.length;
  const [a, b] = [from[first]!, from[second]!];
  return load(b) < load(a) ? b : a;
}

function load({ inFlight, penalty }: Candidate): number {
  return (inFlight + 1) * (1 + FAILURE_WEIGHT * penalty);
}
