import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./lib/root.ts";
import { MUTANTS } from "./mutants/all.ts";
import { type Result, mutated } from "./mutants/copy.ts";
import { runMutants } from "./mutants/run.ts";

// npm run mutate                  each mutant of tools/mutants against the tests that must notice it
// npm run mutate -- chan          those with "chan" in their file or name
// npm run mutate -- --list        prints them, runs nothing, and fails if one is stale
// npm run mutate -- --write       and writes the results to docs/reference/mutants.md

/** REPORT is written from a run of all mutants. */
const REPORT = "docs/reference/mutants.md";

/** report is the results as a page of the documentation. */
export function report(results: readonly Result[]): string {
  const killed = results.filter(({ outcome }) => outcome === "killed").length;
  const rows = results.map(({ mutant: { name, file }, outcome, by }) => {
    const cells = [file.replace("millrace/src/", ""), name, outcome, by].map((cell) => cell.replaceAll("|", "\\|"));
    return `| ${cells.join(" | ")} |`;
  });
  return `# Mutants of the concurrency core

Written by \`npm run mutate -- --write\`: the wrong versions of tools/mutants, and for each the test that notices it
first. ${killed} of ${results.length} are killed.

| file | what is wrong | outcome | by |
|---|---|---|---|
${rows.join("\n")}
`;
}

if (import.meta.main) {
  const options = { list: { type: "boolean" }, write: { type: "boolean" } } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const chosen = MUTANTS.filter(
    ({ name, file }) => positionals.length === 0 || positionals.some((part) => `${file} ${name}`.includes(part)),
  );
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
  let bad: Result[];
  if (values.list) {
    for (const { file, name } of chosen) console.log(`${file}: ${name}`);
    const stale = chosen.filter((mutant) => mutated(ROOT, mutant) === undefined);
    bad = stale.map((mutant) => ({ mutant, outcome: "stale", by: "" }));
  } else {
    const results = await runMutants(chosen, ({ outcome, mutant, by }) =>
      console.log(`${outcome.padEnd(8)} ${mutant.file}: ${mutant.name}${by && ` [${by}]`}`),
    );
    bad = results.filter(({ outcome }) => outcome !== "killed");
    if (values.write && positionals.length === 0) {
      mkdirSync(dirname(join(ROOT, REPORT)), { recursive: true });
      writeFileSync(join(ROOT, REPORT), report(results));
    }
  }
  for (const { outcome, mutant } of bad) console.error(`mutate: ${outcome}: ${mutant.file}: ${mutant.name}`);
  console.log(`${chosen.length} mutants, ${bad.length} stale or not noticed`);
  process.exitCode = bad.length === 0 ? 0 : 1;
}
