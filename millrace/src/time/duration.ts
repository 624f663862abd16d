import { Failure } from "../errors/index.ts";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * parseDuration reads "1m30s", "250ms", "1.5h" or "0" as milliseconds. Units: d, h, m, s, ms, each number with one; a
 * leading minus is refused, since nothing waits for a negative time. Text is parsed once at the edges; inside, a
 * duration is a number whose name ends in Ms. Throws invalid_argument ("time/bad_duration").
 * Source: Go's time.ParseDuration.
 */
export function parseDuration(text: string): number {
  if (text === "0") return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) throw badDuration(text);
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|[smhd])/g)) {
    // The test above let only keys of the table through.
    ms += Number(amount) * UNIT_MS[unit as string]!;
  }
  // So many digits that no number holds them.
  if (ms === Infinity) throw badDuration(text);
  return ms;
}

/** formatDuration writes milliseconds for people: "250ms", "1.5s", "1m30s", "2h5m". Negative values keep their sign. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  // Rounded first: 999.999 is "1s", and not "1000ms".
  if (round(ms) < 1000) return `${round(ms)}ms`;
  if (round(ms / 1000) < 60) return `${round(ms / 1000)}s`;
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  return parts.map(([n, unit]) => (n === 0 ? "" : `${n}${unit}`)).join("");
}

function round(n: number): number {
  return Math.round(n * 100) / 100;
}

function badDuration(text: string): Failure {
  return new Failure(`time: bad duration ${JSON.stringify(text)}: want a form like "1m30s" or "250ms"`, {
    code: "invalid_argument",
    reason: "time/bad_duration",
  });
}
