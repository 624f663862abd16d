import { cpus, loadavg, platform, release, totalmem } from "node:os";
import type { Bench, Case, Command, Machine, Row } from "./bench.ts";

/** Plan narrows a run. */
export interface Plan {
  /** only is the one case to run. Default: all. */
  readonly only?: string | undefined;
  /** rounds overrides the cases' own number. */
  readonly rounds?: number | undefined;
  /** progress is told what happens, a line at a time. */
  readonly progress: (line: string) => void;
}

interface Competitor {
  readonly name: string;
  readonly command: Command;
  readonly runs: number[];
}

/** machine describes this machine, before anything runs. */
export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    os: `${platform()} ${release()}`,
    node: process.version,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** runBench proves and measures the cases one after the other. */
export async function runBench(bench: Bench, plan: Plan): Promise<Row[]> {
  const cases = bench.cases.filter((c) => plan.only === undefined || c.name === plan.only);
  if (cases.length === 0) throw new Error(`bench ${bench.name} has no case ${plan.only}`);
  const rows: Row[] = [];
  for (const one of cases) rows.push(...(await runCase(one, plan)));
  return rows;
}

/**
 * Every competitor is proven before any is measured. Each measurement is a fresh process, and the order is reversed in
 * every second round, so that neither a warm cache nor a machine that slows down favours anybody.
 */
async function runCase(one: Case, plan: Plan): Promise<Row[]> {
  const competitors: Competitor[] = [];
  for (const subject of one.subjects) {
    const { name } = subject;
    const command = await subject.prepare();
    if ("missing" in command) {
      plan.progress(`${one.name}: ${name} not measured: needs ${command.missing}`);
      continue;
    }
    await one.prove(command).catch((err: unknown) => {
      throw new Error(`${one.name}: ${name} gives a wrong answer`, { cause: err });
    });
    competitors.push({ name, command, runs: [] });
  }
  const rounds = plan.rounds ?? one.rounds ?? 5;
  for (let round = 1; round <= rounds; round++) {
    for (const { command, runs } of competitors) runs.push(await one.measure(command));
    competitors.reverse();
    plan.progress(`${one.name}: round ${round} of ${rounds}`);
  }
  const byName = new Map(competitors.map((c) => [c.name, c.runs]));
  return one.subjects.flatMap(({ name }) => {
    const runs = byName.get(name);
    return runs === undefined ? [] : [row(one, name, runs)];
  });
}

function row({ name, unit, better }: Case, subject: string, runs: readonly number[]): Row {
  const rounded = runs.map((value) => Number(value.toPrecision(5)));
  const sorted = rounded.toSorted((a, b) => a - b);
  const min = sorted[0] ?? Number.NaN;
  const max = sorted.at(-1) ?? Number.NaN;
  return { case: name, subject, unit, better, median: median(sorted), min, max, runs: rounded };
}

/** median of sorted values: the middle one, or the mean of the two in the middle. */
export function median(sorted: readonly number[]): number {
  const half = sorted.length / 2;
  const low = sorted[Math.ceil(half) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(half)] ?? Number.NaN;
  return (low + high) / 2;
}
