import { ExploreError, type FaultKind, explore } from "millrace/test";
import { type Baseline, baseline } from "./baseline.ts";
import { explored } from "./environment.ts";
import type { Detector, Environment, Kernel } from "./kernel.ts";

/** Size says how much is tried of each kernel. */
export interface Size {
  /** seeds is how many explorations of the buggy twin are made. */
  readonly seeds: number;
  /** schedules bounds each of them. */
  readonly schedules: number;
  /** fixedSchedules is how many of the fixed twin are tried. */
  readonly fixedSchedules: number;
  /** repeats is how many runs each baseline has; 0 for no baselines. */
  readonly repeats: number;
}

/** FULL is what the gate is about, QUICK what is done often. */
export const FULL: Size = { seeds: 100, schedules: 1000, fixedSchedules: 10_000, repeats: 1000 };
export const QUICK: Size = { seeds: 10, schedules: 1000, fixedSchedules: 500, repeats: 0 };

/** Measured is what came of one kernel. */
export interface Measured {
  readonly id: number;
  readonly name: string;
  readonly detectors: readonly Detector[];
  /** found is in how many explorations the bug was found. */
  readonly found: number;
  /** median and p90 are how many schedules that took. */
  readonly median: number;
  readonly p90: number;
  /** by counts what the failures were found as. */
  readonly by: Partial<Record<FaultKind, number>>;
  /** replayed is how many of them their replay string repeated. */
  readonly replayed: number;
  /** switches is the median of the forced switches that were left after shrinking. */
  readonly switches: number;
  /** falseReport is what was said of the fixed twin, which should be nothing. */
  readonly falseReport: string | undefined;
  readonly microsecondsPerSchedule: number;
  readonly baseline: Baseline | undefined;
}

/** measure tries one kernel. */
export async function measure(kernel: Kernel, size: Size): Promise<Measured> {
  const failures: ExploreError[] = [];
  let replayed = 0;
  for (let seed = 1; seed <= size.seeds; seed++) {
    const failure = await failureOf(kernel.buggy, { seed, runs: size.schedules });
    if (failure === undefined) continue;
    failures.push(failure);
    const again = await failureOf(kernel.buggy, { replay: failure.replay });
    if (again !== undefined && signature(again) === signature(failure)) replayed++;
  }
  const by: Partial<Record<FaultKind, number>> = {};
  for (const { kind } of failures) by[kind] = (by[kind] ?? 0) + 1;
  const began = performance.now();
  const report = await failureOf(kernel.fixed, { seed: 1, runs: size.fixedSchedules });
  const ms = performance.now() - began;
  const schedules = failures.map(({ schedule }) => schedule);
  return {
    id: kernel.id,
    name: kernel.name,
    detectors: kernel.detectors,
    found: failures.length,
    median: quantile(schedules, 0.5),
    p90: quantile(schedules, 0.9),
    by,
    replayed,
    switches: quantile(
      failures.map(({ switches }) => switches),
      0.5,
    ),
    falseReport: report?.message,
    microsecondsPerSchedule: Math.round((ms * 1000) / (report?.schedule ?? size.fixedSchedules)),
    baseline: size.repeats === 0 ? undefined : await baseline(kernel.buggy, size.repeats, atOnceOf(kernel)),
  };
}

/** misses says what of the gate a kernel misses, if anything. */
export function misses(measured: Measured, { seeds, fixedSchedules }: Size): string[] {
  const { id, name, found, by, replayed, falseReport, detectors } = measured;
  const missed: string[] = [];
  const miss = (text: string): unknown => missed.push(`${id} ${name}: ${text}`);
  if (found < Math.floor(seeds * 0.99)) miss(`found in ${found} of ${seeds} seeds`);
  for (const kind of Object.keys(by) as FaultKind[]) {
    if (!detectors.includes(DETECTORS[kind])) miss(`found as a ${kind}, which it is not`);
  }
  if (replayed < found) miss(`${replayed} of ${found} failures replayed`);
  if (falseReport !== undefined) miss(`false report within ${fixedSchedules} schedules: ${falseReport}`);
  return missed;
}

// A thousand runs one after the other would take minutes, and a hundred at once make their own timers late.
function atOnceOf({ detectors }: Kernel): number {
  return detectors.includes("time") ? 20 : 250;
}

const DETECTORS: Readonly<Record<FaultKind, Detector>> = {
  failed: "explore",
  unhandled: "explore",
  livelock: "explore",
  deadlock: "deadlock",
  leak: "leak",
  race: "race",
};

type Program = (k: Environment) => Promise<void>;

async function failureOf(
  program: Program,
  options: { seed?: number; runs?: number; replay?: string },
): Promise<ExploreError | undefined> {
  try {
    await explore((t) => program(explored(t)), options);
    return undefined;
  } catch (err) {
    if (err instanceof ExploreError) return err;
    throw err;
  }
}

function signature({ kind, cause }: ExploreError): string {
  return `${kind}: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`;
}

function quantile(values: number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
}
