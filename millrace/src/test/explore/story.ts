import type { Run } from "./run.ts";
import { codeAt, placeOf } from "./site.ts";
import type { Step } from "./step.ts";

// More switches than this nobody reads.
const MAX_LINES = 20;

/** tell is the switches of a run that were forced, a line each: who goes on where, before whom. */
export function tell(run: Run): string {
  const switches = run.story.flatMap(({ step, ready }, i) => (step === ready[0] ? [] : [line(i + 1, step, ready[0]!)]));
  if (switches.length === 0) return "  it fails when every task goes on as long as it can";
  const rest = switches.length - MAX_LINES;
  return [...switches.slice(0, MAX_LINES), ...(rest > 0 ? [`  … and ${rest} more`] : [])].join("\n");
}

function line(number: number, step: Step, passed: Step): string {
  return `  step ${number}: ${where(step)}\n    goes on before ${where(passed)}`;
}

function where({ segment, site, kind }: Step): string {
  const name = `${segment.chain.name ?? "task"}#${segment.chain.id}`;
  if (site === undefined) return `${name} (${kind})`;
  const { caller = site } = site;
  const code = codeAt(caller);
  return `${name} at ${placeOf(caller)}${code === "" ? "" : `: ${code}`}`;
}
