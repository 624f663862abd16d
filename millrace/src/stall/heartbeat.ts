/** HOOK is the global function that the watching thread has called in the watched one; it is there while that is watched. */
export const HOOK = "millrace/stall.sample";

/** Heart is what the watched thread and the watching one share. */
export interface Heart {
  /** beatAt holds when the watched thread's heart has beaten last, on clockMs. */
  readonly beatAt: Float64Array<SharedArrayBuffer>;
  /** cells are numbers that both change, by the names below. */
  readonly cells: Int32Array<SharedArrayBuffer>;
}

/** SEEN_MS is for how long the watching thread has seen no beat; it does not count when it does not run itself. */
export const SEEN_MS = 0;
/** ASKED is 1 while a sample has been asked for and not been taken. */
export const ASKED = 1;

/** WatchData is what the watching thread is given. */
export interface WatchData {
  readonly heart: Heart;
  /** beatMs is how often the heart beats. */
  readonly beatMs: number;
  /** sampleMs is how long samples are apart. */
  readonly sampleMs: number;
}

/** newHeart makes a heart that has just beaten. */
export function newHeart(): Heart {
  return {
    beatAt: new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)).fill(clockMs()),
    cells: new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)),
  };
}

/** clockMs is a clock that both threads share, in milliseconds. */
export function clockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
