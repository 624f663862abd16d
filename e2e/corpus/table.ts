import { cpus, loadavg } from "node:os";
import type { Kernel } from "./kernel.ts";
import type { Measured, Size } from "./measure.ts";

const HEAD = [
  "#",
  "kernel",
  "found",
  "median",
  "p90",
  "as",
  "switches",
  "replay",
  "fixed",
  "plain",
  "jitter",
  "fast-check",
];

/** table is the results as text, in columns. */
export function table(results: readonly Measured[], size: Size): string {
  const rows = [HEAD, ...results.map((result) => row(result, size))];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const line = (cells: string[]): string =>
    cells.map((cell, i) => (i === 1 || i === 5 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");
  return rows.map(line).join("\n");
}

/** page is the results as docs/reference/corpus.md. */
export function page(kernels: readonly Kernel[], results: readonly Measured[], size: Size, seconds: number): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model ?? "?"}, Node ${process.versions.node}`;
  const day = new Date().toISOString().slice(0, 10);
  return `# The corpus of concurrency bugs

${kernels.length} bugs that projects had, most of them in JavaScript, each written anew in its smallest form
(e2e/corpus/kernels), with the program without the bug as its twin. \`npm run corpus\` finds them, and writes this page with \`-- --write\`.

Measured on ${day}: ${machine}; the whole run took ${seconds} s,
with a load of ${loadavg()[0]!.toFixed(1)} on the machine at its end.

- **found**: in how many of ${size.seeds} explorations (seeds) of at most ${size.schedules} schedules each; **median** and **p90** are how
  many schedules that took.
- **as**: what the failure was found as.
- **switches**: how many forced switches are left of the failing schedule after shrinking (median).
- **replay**: how many of the failures their replay string repeated.
- **fixed**: reports about the twin without the bug, in ${size.fixedSchedules} schedules. There must be none.
- **plain**, **jitter**, **fast-check**: how many of ${size.repeats} runs failed without the test kit: as they are, with random
  delays of 0 to 3 ms in each call, and with each call wrapped by hand into fast-check's scheduler. They are made
  many at a time, those with timers 20; a run that is quiet for 250 ms hangs, and has failed.

${markdown([HEAD, ...results.map((result) => row(result, size))])}

## Where they were seen

${markdown([["#", "kernel", "seen", "ought to be found by"], ...kernels.map(origin)])}
`;
}

function origin({ id, name, seen, detectors }: Kernel): string[] {
  return [String(id), name, seen.join(", "), detectors.join(", ")];
}

function row(result: Measured, { seeds, repeats }: Size): string[] {
  const { id, name, found, median, p90, by, replayed, switches, falseReport, baseline } = result;
  const share = (n: number | undefined): string => (n === undefined ? "-" : `${n}/${repeats}`);
  return [
    String(id),
    name,
    `${found}/${seeds}`,
    String(median),
    String(p90),
    Object.entries(by)
      .map(([kind, n]) => (n === found ? kind : `${kind} ${n}`))
      .join(", "),
    String(switches),
    `${replayed}/${found}`,
    falseReport === undefined ? "0" : "REPORTED",
    share(baseline?.plain),
    share(baseline?.jitter),
    share(baseline?.fastCheck),
  ];
}

function markdown([head = [], ...rows]: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
