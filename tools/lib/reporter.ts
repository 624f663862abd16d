import { Readable } from "node:stream";
import { spec as Spec } from "node:test/reporters";
import type { TestEvent } from "node:test/reporters";

/** QUIET are the events that say nothing new when all is well. */
const QUIET = new Set(["test:pass", "test:start", "test:enqueue", "test:dequeue", "test:complete", "test:plan"]);

/** LOW_PERCENT is where a file of the toolkit is named in the report. */
const LOW_PERCENT = 70;

/**
 * reporter prints what failed, what was not run and why, the coverage of the toolkit in a line, and then the runner's
 * own closing lines. A test that could not run, because a server that it needs is not there, fails the run when CI is
 * "true": there, everything must be there.
 */
export default async function* reporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const notRun = new Map<string, number>();
  const coverage: string[] = [];
  async function* loud(): AsyncGenerator<TestEvent> {
    for await (const event of events) {
      if (event.type === "test:pass" && event.data.skip !== undefined && event.data.skip !== false) {
        const why = typeof event.data.skip === "string" ? event.data.skip : `no reason given: ${event.data.name}`;
        notRun.set(why, (notRun.get(why) ?? 0) + 1);
      }
      if (event.type === "test:coverage") coverage.push(...coverageLines(event.data.summary));
      else if (!QUIET.has(event.type)) yield event;
    }
  }
  for await (const text of Readable.from(loud()).compose(new Spec())) yield String(text);
  yield* coverage;
  for (const [why, count] of notRun) yield `not run: ${count} ${count === 1 ? "test" : "tests"}: ${why}\n`;
  if (notRun.size > 0 && process.env["CI"] === "true") {
    yield "CI is set: a test that is not run is a failure\n";
    process.exitCode = 1;
  }
}

type Coverage = Extract<TestEvent, { type: "test:coverage" }>["data"]["summary"];

function coverageLines({ files, totals, workingDirectory }: Coverage): string[] {
  const low = files.filter((file) => file.coveredLinePercent < LOW_PERCENT);
  return [
    `coverage: ${totals.coveredLinePercent.toFixed(1)} % of ${totals.totalLineCount} lines in ${files.length} files\n`,
    ...low.map(({ path, coveredLinePercent }) => {
      return `coverage: ${coveredLinePercent.toFixed(1)} % ${path.replace(`${workingDirectory}/`, "")}\n`;
    }),
  ];
}
