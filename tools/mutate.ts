import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./lib/root.ts";
import { MUTANTS } from "./mutants/all.ts";
import { Copy, type Result, mutated } from "./mutants/copy.ts";
import type { Mutant } from "./mutants/mutant.ts";

// npm run mutate                  each mutant of tools/mutants against the tests that must notice it
// npm run mutate -- chan          those with "chan" in their file or name
// npm run mutate -- --list        prints them, runs nothing, and fails if one is stale
// npm run mutate -- --write       and writes the results to docs/reference/mutants.md

/** REPORT is written from a run of all mutants. */
const REPORT = "docs/reference/mutants.md";

/** LIMIT_MS is what a test file may take when nothing is wrong. */
const LIMIT_MS = 120_000;

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

/** measured is how long each test file takes without a mutant; it throws if one fails, which would kill every mutant. */
async function measured(mutants: readonly Mutant[]): Promise<Map<string, number>> {
  const ms = new Map<string, number>();
  using copy = new Copy();
  for (const file of new Set(mutants.flatMap((mutant) => copy.files(mutant)))) {
    const began = performance.now();
    const failed = await copy.failure(file, LIMIT_MS);
    if (failed !== undefined) throw new Error(`mutate: fails without a mutant: ${file}: ${failed}`);
    ms.set(file, performance.now() - began);
  }
  return ms;
}

if (import.meta.main) {
  const options = { list: { type: "boolean" }, write: { type: "boolean" } } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const chosen = MUTANTS.filter(
    ({ name, file }) => positionals.length === 0 || positionals.some((part) => `${file} ${name}`.includes(part)),
  );
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
  const stale = chosen.filter((mutant) => mutated(ROOT, mutant) === undefined);
  if (values.list) for (const { file, name } of chosen) console.log(`${file}: ${name}`);
  const results: Result[] = stale.map((mutant) => ({ mutant, outcome: "stale", by: "" }));
  if (!values.list) {
    const fresh = chosen.filter((mutant) => !stale.includes(mutant));
    const ms = await measured(fresh);
    const queue = fresh.values();
    const worker = async (): Promise<void> => {
      using copy = new Copy();
      for (const mutant of queue) {
        const result = await copy.run(mutant, ms);
        results.push(result);
        console.log(`${result.outcome.padEnd(8)} ${mutant.file}: ${mutant.name}${result.by && ` [${result.by}]`}`);
      }
    };
    await Promise.all([worker(), worker()]);
  }
  const bad = results.filter(({ outcome }) => outcome !== "killed");
  for (const { outcome, mutant } of bad) console.error(`mutate: ${outcome}: ${mutant.file}: ${mutant.name}`);
  console.log(`${chosen.length} mutants, ${bad.length} stale or not noticed`);
  if (values.write && !values.list && positionals.length === 0) {
    results.sort((a, b) => chosen.indexOf(a.mutant) - chosen.indexOf(b.mutant));
    mkdirSync(dirname(join(ROOT, REPORT)), { recursive: true });
    writeFileSync(join(ROOT, REPORT), report(results));
  }
  process.exitCode = bad.length === 0 ? 0 : 1;
}
