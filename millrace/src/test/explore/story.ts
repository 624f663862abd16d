import type { Run, Told } from "./run.ts";
import { type Site, codeAt, placeOf } from "./site.ts";
import type { Step } from "./step.ts";

// More decisions than this nobody reads.
const MAX_LINES = 20;

/** tell is the decisions of a run that were forced, a line or two each: who goes on where, before whom; what was chosen. */
export function tell(run: Run): string {
  const forced = run.story.filter((told) => "step" in told || told.choice > 0);
  if (forced.length === 0) return "  it fails when every task goes on as long as it can";
  const rest = forced.length - MAX_LINES;
  return [...forced.slice(0, MAX_LINES).map(line), ...(rest > 0 ? [`  … and ${rest} more`] : [])].join("\n");
}

function line(told: Told): string {
  const head = `  step ${told.after}: `;
  if ("step" in told) return `${head}${where(told.step)}\n    goes on before ${where(told.before)}`;
  return `${head}number ${told.choice + 1} of ${told.of} is chosen${told.site === undefined ? "" : ` at ${source(told.site)}`}`;
}

function where({ segment, site, kind }: Step): string {
  const name = `${segment.chain.site?.task ?? "task"}#${segment.chain.id}`;
  if (site === undefined || site.file === "") return `${name} (${kind})`;
  return `${name} at ${source(site)}`;
}

function source(site: Site): string {
  const shown = site.caller ?? site;
  const code = codeAt(shown);
  return `${placeOf(shown)}${code === "" ? "" : `: ${code}`}`;
}
