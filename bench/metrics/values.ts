/** BUCKETS are those of both subjects. */
export const BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** VALUES are durations in seconds, 2 ms to 1 s, evenly spread by their order of magnitude, in a fixed disorder. */
export const VALUES: readonly number[] = Array.from({ length: 1024 }, (_, i) =>
  Math.exp(((i * 389) % 1024) / 165 - 6.2),
);

/** LABELS are sixteen sets of the labels of requests. */
export const LABELS: readonly { readonly route: string; readonly method: string; readonly status: string }[] =
  Array.from({ length: 16 }, (_, i) => ({
    route: `/route/${i % 4}/:id`,
    method: i % 8 < 4 ? "GET" : "POST",
    status: i < 8 ? "200" : "404",
  }));

/** proveLines throws if a scrape is not what both subjects must write: as many lines, and of them one. */
export function proveLines(body: string, lines: number, one: string): void {
  const samples = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  if (samples.length !== lines) throw new Error(`${samples.length} lines, want ${lines}`);
  if (!samples.includes(one)) throw new Error(`there is no line ${one}:\n${samples.slice(0, 30).join("\n")}`);
}
