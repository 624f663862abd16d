import type { Report, Row } from "./bench.ts";

/** table prints a report for people; the ratio says how many times better (above 1) or worse millrace is. */
export function table(report: Report): string {
  const { cpu, cores, node, load } = report.machine;
  const lines = [`${report.bench} · ${cpu}, ${cores} cores, Node ${node}, load ${load} · ${report.date}`];
  for (const name of new Set(report.rows.map((row) => row.case))) {
    const rows = report.rows.filter((row) => row.case === name);
    const ours = rows.find((row) => row.subject === "millrace");
    const { unit, better } = rows[0]!;
    lines.push("", `${name} (${unit}, ${better} is better)`, line("", "median", "min", "max", "millrace is"));
    lines.push(
      ...rows.map((row) => line(row.subject, ...[row.median, row.min, row.max].map(format), ratio(row, ours))),
    );
  }
  return lines.join("\n");
}

function ratio(row: Row, ours: Row | undefined): string {
  if (ours === undefined || row === ours) return "";
  const times = row.better === "higher" ? ours.median / row.median : row.median / ours.median;
  return `${times.toFixed(2)}× as good`;
}

function line(subject: string, ...columns: string[]): string {
  return subject.padEnd(16) + columns.map((column) => column.padStart(16)).join("");
}

function format(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(4)));
}
