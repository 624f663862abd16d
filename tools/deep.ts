import { filesOf } from "./lib/root.ts";
import { runTests } from "./lib/run-tests.ts";

// npm run test:deep            every *.deep.test.ts, each in a run of its own, together under an hour
// npm run test:deep -- sql     those with "sql" in their path

/** SUITE_MS is what one suite may take. */
const SUITE_MS = 15 * 60_000;
const ALL_MS = 60 * 60_000;

const filters = process.argv.slice(2);
const suites = filesOf("{millrace/src,cli/src,storefront,e2e,bench,tools}/**/*.deep.test.ts").filter(
  (file) => filters.length === 0 || filters.some((filter) => file.includes(filter)),
);
if (suites.length === 0) console.log("test:deep: there are no deep suites");

const end = performance.now() + ALL_MS;
const failed: string[] = [];
for (const suite of suites) {
  const began = performance.now();
  const budget = Math.min(SUITE_MS, end - began);
  const passed = budget > 0 && (await runTests({ files: [suite], testMs: budget, fileMs: budget, runMs: budget }));
  if (!passed) failed.push(suite);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`test:deep: ${suite}: ${passed ? "passed" : "failed"} in ${seconds} s`);
}
for (const suite of failed) console.error(`test:deep: failed: ${suite}`);
process.exitCode = failed.length === 0 ? 0 : 1;
