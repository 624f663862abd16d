import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT, filesOf } from "./lib/root.ts";
import { runTests } from "./lib/run-tests.ts";

// npm test            the check, then every test but the deep ones, with the coverage gate
// npm test -- sql     the test files with "sql" in their path, and nothing else

/** COVERED_LINES is the percentage of the toolkit's lines that a whole run must execute. */
const COVERED_LINES = 85;
const COVERAGE = [
  "--experimental-test-coverage",
  `--test-coverage-lines=${COVERED_LINES}`,
  "--test-coverage-include=millrace/src/**",
  "--test-coverage-exclude=**/*.test.ts",
  "--test-coverage-exclude=**/testing/**",
];

const filters = process.argv.slice(2);
const whole = filters.length === 0;
const files = filesOf("{millrace/src,cli/src,storefront,e2e,bench,tools,docs}/**/*.test.ts").filter(
  (file) => !file.endsWith(".deep.test.ts") && (whole || filters.some((filter) => file.includes(filter))),
);
if (files.length === 0) {
  console.error(`test: no test file has ${filters.join(" or ")} in its path`);
  process.exit(2);
}

const check = join(ROOT, "tools/check.ts");
const clean = !whole || spawnSync(process.execPath, [check], { stdio: "inherit" }).status === 0;
// Under eight minutes in all is the promise on a quiet machine; a run that takes fifteen hangs.
const passed = await runTests({ files, flags: whole ? COVERAGE : [], testMs: 60_000, fileMs: 180_000, runMs: 900_000 });
if (!clean) console.error("test: the check failed; what it said is above the tests");
process.exitCode = passed && clean ? 0 : 1;
