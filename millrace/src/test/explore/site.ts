import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Site is a place in the source. */
export interface Site {
  /** file is its path. */
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
const HERE = pathOf(import.meta.url).replace(/explore\/site\.\w+$/, "");
const TOOLKIT = HERE.replace(/test\/$/, "");
const MAX_FRAMES = 24;

/** siteHere is the place that called into the test kit. To note it takes 1 µs; it is worked out when it is looked at. */
export function siteHere(): Site {
  return new Noted();
}

/** Noted is a place as the engine has noted it: its stack, which becomes frames when somebody asks. */
class Noted implements Site {
  readonly #holder: { readonly stack?: unknown } = {};
  #found: Site | undefined = undefined;

  constructor() {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = MAX_FRAMES;
    Error.captureStackTrace(this.#holder, siteHere);
    Error.stackTraceLimit = limit;
  }

  get file(): string {
    return this.#site.file;
  }

  get line(): number {
    return this.#site.line;
  }

  get column(): number {
    return this.#site.column;
  }

  get fn(): string {
    return this.#site.fn;
  }

  get task(): string {
    return this.#site.task;
  }

  get caller(): Site | undefined {
    return this.#site.caller;
  }

  get #site(): Site {
    return (this.#found ??= siteOf(framesOf(this.#holder)));
  }
}

function framesOf(holder: { readonly stack?: unknown }): NodeJS.CallSite[] {
  // oxlint-disable-next-line typescript/unbound-method
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = (_, frames) => frames;
  try {
    return holder.stack as NodeJS.CallSite[];
  } finally {
    Error.prepareStackTrace = prepare;
  }
}

const NOWHERE = { file: "", line: 0, column: 0, fn: "" };

function siteOf(stack: readonly NodeJS.CallSite[]): Site {
  const frames = stack
    .map((at) => ({
      file: pathOf(at.getFileName() ?? ""),
      line: at.getLineNumber() ?? 0,
      column: at.getColumnNumber() ?? 0,
      fn: at.getFunctionName() ?? "",
    }))
    .filter(({ file }) => file !== "" && !file.startsWith("node:") && !isOwn(file));
  const users = frames.filter(({ file }) => !isToolkit(file));
  const [frame = NOWHERE] = frames;
  const [user = frame] = users;
  const task = (users.at(-2) ?? users.at(-1) ?? frame).fn;
  return { ...frame, task, caller: user === frame ? undefined : { ...user, task, caller: undefined } };
}

// Runners that load modules by themselves name them by their path.
function pathOf(script: string): string {
  return script.startsWith("file:") ? fileURLToPath(script) : script;
}

function isOwn(file: string): boolean {
  return file.startsWith(HERE) && !file.includes(".test.");
}

function isToolkit(file: string): boolean {
  return file.startsWith(TOOLKIT) && !/\.test\.|\/testing\//.test(file);
}

/** placeOf is a site as "withdraw (account.ts:14:3)", as short as an editor still understands. */
export function placeOf(site: Site): string {
  const cwd = `${process.cwd()}/`;
  const at = `${site.file.startsWith(cwd) ? site.file.slice(cwd.length) : site.file}:${site.line}:${site.column}`;
  return site.fn === "" ? at : `${site.fn} (${at})`;
}

// As much of a line as says which it is.
const MAX_CODE = 60;

/** codeAt is the source at a site, up to the end of the statement or line, or "" where that cannot be read. */
export function codeAt(site: Pick<Site, "file" | "line" | "column">): string {
  try {
    const line = readFileSync(site.file, "utf8").split("\n")[site.line - 1] ?? "";
    const code = line
      .slice(site.column - 1)
      .split(";", 1)[0]!
      .trim();
    return code.length > MAX_CODE ? `${code.slice(0, MAX_CODE - 1)}…` : code;
  } catch {
    return "";
  }
}
