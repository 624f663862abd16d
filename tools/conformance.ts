import { run } from "node:test";
import type { TestEvent } from "node:test/reporters";
import { parseArgs } from "node:util";
import { concurrency } from "./conformance/concurrency.ts";
import { runHttp } from "./conformance/http.ts";
import { ROOT, filesOf } from "./lib/root.ts";

// npm run conformance -- concurrency            runs the tests, and says which of the cases are proven
// npm run conformance -- concurrency FILE…      runs these test files instead of the list's own
// npm run conformance -- concurrency --list     prints the cases
// npm run conformance -- http                   sends bytes to the HTTP server and to Go's, and compares the answers

/** List is what a part of the toolkit must do, case by case. */
export interface List {
  /** tests are globs of the files whose tests prove the cases. */
  readonly tests: readonly string[];
  /** sections hold the cases by number, under "LETTER name". */
  readonly sections: Readonly<Record<string, Readonly<Record<number, string>>>>;
  /** later are the cases of what is not built yet, and what that is; they count as not covered, and fail nothing. */
  readonly later: Readonly<Record<number, string>>;
}

/** Outcome is what the tests of a case said; a case fails when one of them does. */
export type Outcome = "passed" | "failed" | "no test";

const LISTS: Readonly<Record<string, List>> = { concurrency };

/** FILE_MS ends a test file that hangs. */
const FILE_MS = 600_000;

const SIGN: Readonly<Record<Outcome, string>> = { passed: "ok     ", failed: "FAILED ", "no test": "NO TEST" };

/** numbersOf are the cases that a test proves: those at the beginning of its name, "13, 14: …" or "57-59: …". */
export function numbersOf(name: string): number[] {
  const head = /^\d+(?:-\d+)?(?:, \d+(?:-\d+)?)*(?=:)/.exec(name)?.[0] ?? "";
  return head.split(", ").flatMap((part) => {
    const [from, to = from] = part.split("-").filter(Boolean).map(Number);
    return from === undefined ? [] : Array.from({ length: to! - from + 1 }, (_, i) => from + i);
  });
}

/** Verdict is what a run of the tests says about a list. */
export interface Verdict {
  readonly outcomes: ReadonlyMap<number, Outcome>;
  /** problems are tests that failed, and numbers that no case has. */
  readonly problems: readonly string[];
}

/** judge reads the events of a run. A test that was skipped proves nothing. */
export async function judge(list: List, events: AsyncIterable<TestEvent>): Promise<Verdict> {
  const outcomes = new Map<number, Outcome>();
  for (const cases of Object.values(list.sections)) {
    for (const number of Object.keys(cases)) outcomes.set(Number(number), "no test");
  }
  const problems: string[] = [];
  for await (const event of events) {
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    const { name, file, skip, todo } = event.data;
    const proves = (skip === undefined || skip === false) && (todo === undefined || todo === false);
    const error = event.type === "test:fail" ? event.data.details.error : undefined;
    const where = file?.replace(`${ROOT}/`, "") ?? "";
    if (error !== undefined) problems.push(`failed: ${where}: ${name}: ${String(error.cause).split("\n")[0]}`);
    for (const number of numbersOf(name)) {
      if (!outcomes.has(number)) problems.push(`no case ${number}: ${where}: ${name}`);
      else if (error !== undefined) outcomes.set(number, "failed");
      else if (proves && outcomes.get(number) === "no test") outcomes.set(number, "passed");
    }
  }
  // A table of tests may say the same many times.
  return { outcomes, problems: [...new Set(problems)] };
}

/** lines print a list, with the outcome of each case that is not proven, and the sums. */
export function lines(list: List, { outcomes, problems }: Verdict): string[] {
  const out: string[] = [];
  for (const [section, cases] of Object.entries(list.sections)) {
    const rows = Object.entries(cases).map(([number, text]) => ({ number, text, is: outcomes.get(Number(number))! }));
    const passed = rows.filter((row) => row.is === "passed").length;
    out.push(`${section.padEnd(52)} ${String(passed).padStart(3)}/${rows.length}`);
    const open = rows.filter((row) => row.is !== "passed");
    for (const { number, text, is } of open) {
      const why = is === "no test" ? list.later[Number(number)] : undefined;
      out.push(
        `  ${why === undefined ? SIGN[is] : "LATER  "} ${number.padStart(4)}  ${text}${why === undefined ? "" : `: ${why}`}`,
      );
    }
  }
  const all = [...outcomes.values()];
  const count = (is: Outcome): number => all.filter((one) => one === is).length;
  out.push(...problems, `covered ${count("passed")}/${all.length}`);
  if (!proven(list, { outcomes, problems })) out.push(`${count("failed")} failed, ${count("no test")} without a test`);
  return out;
}

/** proven says whether every case is that can be, and no test failed. */
export function proven(list: List, { outcomes, problems }: Verdict): boolean {
  const open = (number: number, outcome: Outcome): boolean => outcome !== "no test" || !(number in list.later);
  return problems.length === 0 && [...outcomes].every(([n, outcome]) => outcome === "passed" || !open(n, outcome));
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { list: { type: "boolean" } } });
  const [name = "", ...given] = positionals;
  const list = Object.hasOwn(LISTS, name) ? LISTS[name] : undefined;
  if (name === "http") {
    process.exitCode = (await runHttp(console.log)) ? 0 : 1;
  } else if (list === undefined) {
    console.error(`usage: npm run conformance -- http|${Object.keys(LISTS).join("|")} [--list] [FILE…]`);
    process.exitCode = 2;
  } else if (values.list) {
    for (const [section, cases] of Object.entries(list.sections)) {
      console.log(section);
      for (const [number, text] of Object.entries(cases)) console.log(`${number.padStart(5)}  ${text}`);
    }
  } else {
    const files = given.length > 0 ? given : filesOf(...list.tests);
    const execArgv = ["--conditions=@millrace/source"];
    const verdict = await judge(list, run({ files, cwd: ROOT, concurrency: 2, timeout: FILE_MS, execArgv }));
    for (const line of lines(list, verdict)) console.log(line);
    process.exitCode = proven(list, verdict) ? 0 : 1;
  }
}
