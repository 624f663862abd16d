/** MAX_SCALE is the finest division: 256 buckets for each power of two, as far as Prometheus goes. @internal */
export const MAX_SCALE = 8;

const STEPS = 2 ** MAX_SCALE;
// The mantissas at which buckets end, in [1, 2), as the upper 20 and the lower 32 bits of the mantissa.
const HIGH = new Uint32Array(STEPS + 1);
const LOW = new Uint32Array(STEPS + 1);
// For each 512th of [1, 2), how many bounds are below its begin. No 512th holds two bounds: those are 1/370 apart.
const BELOW = new Uint16Array(2 * STEPS);

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
// Where the sign, the exponent and the upper part of the mantissa are.
const TOP = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;
const MANTISSA = 0xf_ffff;

for (let i = 0; i <= STEPS; i++) {
  double[0] = 2 ** (i / STEPS);
  // The last one is 2: above every mantissa.
  HIGH[i] = i === STEPS ? MANTISSA + 1 : words[TOP]! & MANTISSA;
  LOW[i] = words[1 - TOP]!;
}
for (let cell = 0, i = 0; cell < BELOW.length; cell++) {
  while (i < STEPS && 2 ** (i / STEPS) < 1 + cell / BELOW.length) i++;
  BELOW[cell] = i;
}

/**
 * indexOf is the bucket of a value, at MAX_SCALE: bucket i holds the values from above 2^(i/256)
 * to 2^((i+1)/256). A coarser scale's index is this one shifted to the right by the difference. It is exact for the powers
 * of two, and takes no logarithm. The value must be a normal double, 2^-1022 or more.
 * Source: https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram @internal
 */
export function indexOf(value: number): number {
  double[0] = value;
  const top = words[TOP]!;
  const exponent = top >>> 20;
  const high = top & MANTISSA;
  const i = BELOW[high >>> (20 - MAX_SCALE - 1)]!;
  const bound = HIGH[i]!;
  const above = high > bound || (high === bound && words[1 - TOP]! > LOW[i]!);
  return (exponent - 1023) * STEPS + i - (above ? 0 : 1);
}
