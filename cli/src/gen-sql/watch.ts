import { watch } from "node:fs/promises";
import { join } from "node:path";
import { CONFIG } from "./overrides.ts";
import type { Folders } from "./folder.ts";

// An editor writes a file in several steps.
const QUIET_MS = 30;

/** changesIn gives one turn after every burst of changes to the queries, the migrations or millrace.json, until the end. */
export async function* changesIn(
  cwd: string,
  { migrations, queries }: Folders,
  signal: AbortSignal,
): AsyncGenerator<void> {
  let changed = Promise.withResolvers<void>();
  const watchOne = async (dir: string, wanted: (file: string) => boolean): Promise<void> => {
    for await (const { filename } of watch(dir, { signal })) {
      if (filename === null || wanted(filename)) changed.resolve();
    }
  };
  const isSql = (file: string): boolean => file.endsWith(".sql");
  const watching = Promise.all([
    watchOne(join(cwd, queries), isSql),
    watchOne(join(cwd, migrations), isSql),
    watchOne(cwd, (file) => file === CONFIG),
  ]);
  const ended = watching.then(
    () => undefined,
    (err: unknown) => {
      if (!signal.aborted) throw err;
    },
  );
  // Told at the next turn.
  ended.catch(() => {});
  while (!signal.aborted) {
    await Promise.race([changed.promise, ended]);
    if (signal.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    changed = Promise.withResolvers();
    yield;
  }
}
