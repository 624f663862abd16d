import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { getCallSites } from "node:util";

/** Site is a place in the source. */
export interface Site {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** fn is the name of the function, or "" for one without. */
  readonly fn: string;
  /** task is the function that was called last by the one that the event loop has called: what a reader calls the task. */
  readonly task: string;
  /** caller is the first place outside of the toolkit, if this one is inside. */
  readonly caller: Site | undefined;
}

// The folder of the test kit, and that of the whole toolkit.
const HERE = import.meta.url.replace(/explore\/site\.\w+$/, "");
const TOOLKIT = HERE.replace(/test\/$/, "");
const MAX_FRAMES = 24;

/** siteHere is the place that called into the test kit: 5 µs, so only where somebody will read it. */
export function siteHere(): Site | undefined {
  const frames = getCallSites(MAX_FRAMES).filter(
    ({ scriptName }) => scriptName !== "" && !scriptName.startsWith("node:") && !isOwn(scriptName),
  );
  const own = frames.filter(({ scriptName }) => !isToolkit(scriptName));
  const task = (own.at(-2) ?? own.at(-1) ?? frames.at(-1))?.functionName ?? "";
  const [site, caller] = [frames[0], own[0]].map(
    (frame) =>
      frame && {
        file: frame.scriptName,
        line: frame.lineNumber,
        column: frame.columnNumber,
        fn: frame.functionName,
        task,
        caller: undefined,
      },
  );
  return site === undefined || caller === undefined || frames[0] === undefined || !isToolkit(frames[0].scriptName)
    ? site
    : { ...site, caller };
}

function isOwn(file: string): boolean {
  return file.startsWith(HERE) && !file.includes(".test.");
}

function isToolkit(file: string): boolean {
  return file.startsWith(TOOLKIT) && !/\.test\.|\/testing\//.test(file);
}

/** placeOf is a site as "withdraw (account.ts:14:3)", as short as an editor still understands. */
export function placeOf(site: Site): string {
  const path = site.file.startsWith("file:") ? fileURLToPath(site.file) : site.file;
  const cwd = `${process.cwd()}/`;
  const at = `${path.startsWith(cwd) ? path.slice(cwd.length) : path}:${site.line}:${site.column}`;
  return site.fn === "" ? at : `${site.fn} (${at})`;
}

// As much of a line as says which it is.
const MAX_CODE = 60;

/** codeAt is the source at a site, up to the end of the statement or line, or "" where that cannot be read. */
export function codeAt(site: Site): string {
  try {
    const line = readFileSync(new URL(site.file), "utf8").split("\n")[site.line - 1] ?? "";
    const code = line
      .slice(site.column - 1)
      .split(";", 1)[0]!
      .trim();
    return code.length > MAX_CODE ? `${code.slice(0, MAX_CODE - 1)}…` : code;
  } catch {
    return "";
  }
}
