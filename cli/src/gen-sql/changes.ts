import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Change is what is to be done to a file of the output. */
export interface Change {
  readonly file: string;
  readonly kind: "new" | "changed" | "obsolete";
  /** text is what it is to hold, undefined for one that is obsolete. */
  readonly text: string | undefined;
  /** before is what it holds, undefined for a new one. */
  readonly before: string | undefined;
}

/** changesOf compares what is there with what ought to be there. */
export function changesOf(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Change[] {
  const written = Array.from(after).flatMap(([file, text]): Change[] => {
    const old = before.get(file);
    if (old === text) return [];
    return [{ file, kind: old === undefined ? "new" : "changed", text, before: old }];
  });
  const obsolete = Array.from(before)
    .filter(([file]) => !after.has(file))
    .map(([file, text]): Change => ({ file, kind: "obsolete", text: undefined, before: text }));
  return [...written, ...obsolete].toSorted((a, b) => (a.file < b.file ? -1 : 1));
}

/** apply writes and removes files. */
export async function apply(changes: readonly Change[], dir: string): Promise<void> {
  if (changes.length > 0) await mkdir(dir, { recursive: true });
  for (const { file, text } of changes) {
    if (text === undefined) await rm(join(dir, file));
    else await writeFile(join(dir, file), text);
  }
}

/** summary is a line for each change, with how many lines come and go. */
export function summary(changes: readonly Change[], dir: string): string {
  return changes
    .map(({ file, kind, text, before }) => {
      const old = before === undefined ? [] : before.split("\n");
      const now = text === undefined ? [] : text.split("\n");
      return `${join(dir, file)}: ${kind}, +${missing(now, old)} -${missing(old, now)} lines\n`;
    })
    .join("");
}

// How many lines of a list are not in another, moved ones aside.
function missing(lines: readonly string[], others: readonly string[]): number {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const n = left.get(line) ?? 0;
    left.set(line, n - 1);
    return n <= 0;
  }).length;
}
