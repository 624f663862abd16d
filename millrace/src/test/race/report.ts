import { type Site, codeAt, placeOf } from "../explore/site.ts";
import type { Access, Race, RaceKind } from "./location.ts";
import type { Sync } from "./moment.ts";

/** RaceError says which accesses nothing orders, and what each task did last to be ordered with others. */
export class RaceError extends Error {
  override readonly name = "RaceError";

  /** @internal */
  constructor(races: readonly Race[]) {
    super(`test: ${races.map(told).join("\n\n")}`);
  }
}

const HEADS: Readonly<Record<RaceKind, string>> = {
  "stale write": "it is written on the base of a read, and another task's write may come in between",
  "inconsistent read": "it is read twice, and another task's write may come in between",
  "dirty read": "it is written twice, and another task may read it in between",
  "unordered read": "it is read and written, and nothing says which comes first",
  "unordered write": "it is written twice, and nothing says which comes first",
};

function told({ kind, location, first, access, remote }: Race): string {
  const [verb, before, other] =
    kind === "stale write"
      ? ["writes", "has read", "writes"]
      : kind === "inconsistent read"
        ? ["reads", "has read", "writes"]
        : kind === "dirty read"
          ? ["writes", "has written", "reads"]
          : kind === "unordered write"
            ? ["writes", "", "writes"]
            : access.whole || remote.whole
              ? ["comes to it", "", "comes to it"]
              : ["comes to it", "", "comes to it"];
  return [
    `race: ${kind} of ${location}: ${HEADS[kind]}`,
    `  ${taskOf(access)} ${verb}${at(access.site)}`,
    ...(first === undefined ? [] : [`    and ${before}${at(first.site)}`]),
    `    last ordered by ${synced(access.sync)}`,
    `  ${taskOf(remote)} ${other}${at(remote.site)}`,
    `    last ordered by ${synced(remote.sync)}`,
  ].join("\n");
}

function taskOf({ moment }: Access): string {
  const { chain } = moment.segment;
  return `${chain.name ?? "task"}#${chain.id}`;
}

function at(site: Site | undefined): string {
  if (site === undefined) return "";
  const { caller = site } = site;
  const code = codeAt(caller);
  return ` at ${placeOf(caller)}${code === "" ? "" : `: ${code}`}`;
}

function synced(sync: Sync | undefined): string {
  return sync === undefined ? "nothing: it has not waited since it began" : `${sync.did}${at(sync.site)}`;
}
