import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { runCorpus } from "./corpus.ts";
import { kernels } from "./kernels.ts";
import { FULL, QUICK, misses } from "./measure.ts";
import { page, table } from "./table.ts";

// npm run corpus                  all kernels: some minutes
// npm run corpus -- 14 pool       those with the number 14, or with "pool" in their name
//   --quick    10 seeds, 500 schedules of the fixed twins, no baselines
//   --json     the results as JSON
//   --write    docs/reference/corpus.md

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean" }, json: { type: "boolean" }, write: { type: "boolean" } },
});
const size = values.quick === true ? QUICK : FULL;
const chosen = kernels.filter(
  ({ id, name }) => positionals.length === 0 || positionals.some((text) => String(id) === text || name.includes(text)),
);
const began = performance.now();
const results = await runCorpus(chosen, size, ({ id, name }) => {
  if (process.stderr.isTTY) console.error(`corpus: ${id} ${name}`);
});
const seconds = Math.round((performance.now() - began) / 1000);
if (values.json === true) console.log(JSON.stringify({ size, seconds, results }, null, 2));
else console.log(`${table(results, size)}\n\n${results.length} kernels in ${seconds} s`);
if (values.write === true) {
  await writeFile(new URL("../../docs/reference/corpus.md", import.meta.url), page(chosen, results, size, seconds));
}
const missed = results.flatMap((result) => misses(result, size));
for (const miss of missed) console.error(`corpus: ${miss}`);
process.exitCode = missed.length === 0 ? 0 : 1;
