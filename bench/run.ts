import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Bench } from "./lib/bench.ts";
import { machine, runBench } from "./lib/measure.ts";
import { table } from "./lib/table.ts";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    save: { type: "boolean", default: false },
    case: { type: "string" },
    rounds: { type: "string" },
  },
});
const name = positionals[0];
if (name === undefined || !existsSync(new URL(`./${name}/bench.ts`, import.meta.url))) {
  console.error("usage: npm run bench -- NAME [--json] [--save] [--case NAME] [--rounds N]");
  console.error("NAME is a folder of bench/ that holds a bench.ts");
  process.exit(2);
}

execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "millrace/tsconfig.build.json"], {
  cwd: new URL("..", import.meta.url),
  stdio: ["ignore", 2, 2],
});
const { bench }: { bench: Bench } = await import(`./${name}/bench.ts`);
const before = machine();
const rows = await runBench(bench, {
  only: flags.case,
  rounds: flags.rounds === undefined ? undefined : Number(flags.rounds),
  progress: (line) => console.error(line),
});
const report = { bench: bench.name, date: new Date().toISOString(), machine: before, rows };
if (flags.save) {
  const results = new URL("./results/", import.meta.url);
  await mkdir(results, { recursive: true });
  await writeFile(new URL(`${bench.name}.json`, results), `${JSON.stringify(report, null, 2)}\n`);
}
console.log(flags.json ? JSON.stringify(report) : table(report));
