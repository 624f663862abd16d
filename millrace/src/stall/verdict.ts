import { PROMPT_MS, type Sample } from "./sample.ts";
import { framesOf, ranBefore } from "./stack.ts";

// Whoever is named has been seen for so much of the stall, and for so much of the time that samples stand for.
const OF_STALL = 0.4;
const OF_SAMPLES = 0.6;

/** Verdict is what the samples of a stall say. */
export interface Verdict {
  /** store is the context that the stall is blamed on; undefined if there is no proof. */
  readonly store: object | undefined;
  /** frames are where it was; empty if there is no proof. */
  readonly frames: readonly string[];
  /** seenMs is for how much of the stall that was seen. */
  readonly seenMs: number;
}

interface Suspect {
  readonly store: object | undefined;
  frames: readonly string[];
  longestMs: number;
  seenMs: number;
}

const NOBODY: Verdict = { store: undefined, frames: [], seenMs: 0 };

/**
 * judge says who has caused a stall. Each sample stands for the time since the one before. Of one that came late, only what
 * must have been there when it was asked for is believed.
 */
export function judge(samples: readonly Sample[], stallMs: number, sampleMs: number): Verdict {
  const suspects = new Map<object | undefined, Suspect>();
  let totalMs = 0;
  let last = (samples[0]?.askedMs ?? 0) - sampleMs;
  for (const { store, trace, askedMs, atMs } of samples) {
    const ms = atMs - last;
    last = atMs;
    totalMs += ms;
    const frames = framesOf(trace.stack);
    // Between two microtasks there is no stack, and the context is the one's that has just run.
    if (atMs - askedMs > PROMPT_MS ? !ranBefore(frames) : frames.length === 0 && store === undefined) continue;
    const suspect = suspects.get(store) ?? { store, frames, longestMs: 0, seenMs: 0 };
    suspects.set(store, suspect);
    suspect.seenMs += ms;
    if (frames.length === 0 || ms < suspect.longestMs) continue;
    suspect.frames = frames;
    suspect.longestMs = ms;
  }
  const first = suspects.values().reduce((a: Verdict, b) => (b.seenMs > a.seenMs ? b : a), NOBODY);
  return first.seenMs >= totalMs * OF_SAMPLES && first.seenMs >= stallMs * OF_STALL ? first : NOBODY;
}
