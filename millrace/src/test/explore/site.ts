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
  /** caller is the first place outside of the toolkit, if this one is inside. */
  readonly caller: Site | undefined;
}

// The folder of the test kit, and that of the whole toolkit.
const HERE = import.meta.url.replace(/explore\/site\.\w+$/, "");
const TOOLKIT = HERE.replace(/test\/$/, "");
const MAX_FRAMES = 24;

/** siteHere is the place that called into the test kit: 5 µs, so only where somebody will read it. */
export function siteHere(): Site | undefined {
  let inside: Site | undefined;
  for (const { scriptName, lineNumber, columnNumber, functionName } of getCallSites(MAX_FRAMES)) {
    if (scriptName === "" || scriptName.startsWith("node:") || isOwn(scriptName)) continue;
    const site = { file: scriptName, line: lineNumber, column: columnNumber, fn: functionName, caller: inside };
    if (!isToolkit(scriptName))
      return inside === undefined ? site : { ...inside, caller: { ...site, caller: undefined } };
    inside ??= site;
  }
  return inside;
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

/** codeAt is the source at a site, up to the end of its line, or "" where that cannot be read. */
export function codeAt(site: Site): string {
  try {
    const line = readFileSync(new URL(site.file), "utf8").split("\n")[site.line - 1] ?? "";
    return line.slice(site.column - 1).trim();
  } catch {
    return "";
  }
}
