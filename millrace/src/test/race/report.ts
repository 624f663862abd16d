import { type Site, codeAt, placeOf } from "../explore/site.ts";
import type { Access, Race, RaceKind } from "./location.ts";
import type { Sync } from "./moment.ts";

/** RaceError says which accesses nothing orders, and what each task did last to be ordered with others. */
export class RaceError extends Error {
  override readonly name = "RaceError";

  /** @internal */
  constructor(races: readonly Race[]) {
    super(`test: race: ${races.map(told).join("\n\n")}`);
  }
}

const HEADS: Readonly<Record<RaceKind, string>> = {
  "stale write": "it is written on the base of a read, and another task's write may come in between",
  "double init":
    "a task that finds nothing writes it later, and another that looks at the same place may find nothing too",
  "inconsistent read": "it is read twice, and another task's write may come in between",
  "dirty read": "it is written twice, and another task may read it in between",
  "unordered read": "it is read and written, and nothing says which comes first",
  "unordered write": "it is written twice, and nothing says which comes first",
};

// What the one task does at last, what it has done before that, and what the other one does.
const VERBS: Readonly<Record<RaceKind, readonly [string, string, string]>> = {
  "stale write": ["writes", "has read", "writes"],
  "double init": ["writes", "has found nothing", "looks"],
  "inconsistent read": ["reads", "has read", "writes"],
  "dirty read": ["writes", "has written", "reads"],
  "unordered read": ["comes to it", "", "comes to it"],
  "unordered write": ["writes", "", "writes"],
};

function told({ kind, location, first, access, remote }: Race): string {
  const [does, before, others] = VERBS[kind];
  return [
    `${kind} of ${location}: ${HEADS[kind]}`,
    `  ${taskOf(access)} ${does}${at(access.site)}`,
    ...(first === undefined ? [] : [`    and ${before}${at(first.site)}`]),
    `    ordered last by ${synced(access.sync)}`,
    `  ${taskOf(remote)} ${others}${at(remote.site)}`,
    `    ordered last by ${synced(remote.sync)}`,
  ].join("\n");
}

function taskOf({ moment }: Access): string {
  const { chain } = moment.segment;
  return `${chain.site?.task ?? "task"}#${chain.id}`;
}

function at(site: Site | undefined): string {
  if (site === undefined) return "";
  const { caller = site } = site;
  // The engine's column is behind the name of the object.
  const code = codeAt({ file: caller.file, line: caller.line, column: 1 });
  return ` at ${placeOf(caller)}${code === "" ? "" : `: ${code}`}`;
}

function synced(sync: Sync | undefined): string {
  return sync === undefined ? "nothing: it has not waited since it began" : `${sync.did}${at(sync.site)}`;
}
