import { dirname, join } from "node:path";
import { test } from "node:test";
import type { Arbitrary } from "fast-check";
import { siteHere } from "../explore/site.ts";
import { Corpus } from "./corpus.ts";
import { rerun, search } from "./search.ts";

/** FuzzOptions bounds a search. */
export interface FuzzOptions {
  /** timeMs is for how long new values are tried. @default MILLRACE_FUZZ_MS, or 1000 */
  readonly timeMs?: number;
  /** seed makes the values the same each time. @default MILLRACE_SEED, or another one each time */
  readonly seed?: number;
  /** corpus is the folder of saved failures. @default testdata/fuzz/NAME beside the test file */
  readonly corpus?: string;
}

/**
 * fuzz is a test of node:test that calls a function with whatever an arbitrary of fast-check gives, for a second, or for
 * MILLRACE_FUZZ_MS; it must not throw or reject. First come the failures that were saved before, as tests of their own;
 * while one of them still fails, nothing else is tried. A new failure is shrunk, saved to testdata/fuzz/NAME beside the
 * test file, to be committed with its repair, and printed with the seed and the path that repeat it. It needs the package
 * fast-check. A function that never returns is not stopped.
 *
 *     fuzz("parseDuration", fc.integer(), (ms) => {
 *       assert.equal(parseDuration(formatDuration(ms)), ms);
 *     });
 *
 * Source: Go's testing.F.
 */
export function fuzz<T>(
  name: string,
  arbitrary: Arbitrary<T>,
  fn: (value: T) => unknown,
  options: FuzzOptions = {},
): void {
  const { timeMs = Number(process.env["MILLRACE_FUZZ_MS"] ?? 1000) } = options;
  if (!(timeMs > 0)) throw new RangeError(`test: fuzz: the time must be more than 0 ms, not ${timeMs}`);
  const seed = options.seed ?? Number(process.env["MILLRACE_SEED"] ?? Math.trunc(Math.random() * 2 ** 31));
  const corpus = new Corpus(options.corpus ?? join(callerDir(), "testdata", "fuzz", folderOf(name)));
  const target = { arbitrary, fn };
  void test(`fuzz ${name}`, async (t) => {
    let failing = 0;
    for (const saved of corpus.all()) {
      failing++;
      await t.test(saved.file, async () => {
        await rerun(target, saved);
        failing--;
      });
    }
    // What is known to be wrong comes first.
    if (failing > 0) return;
    const runs = await search(target, timeMs, seed, corpus);
    t.diagnostic(`${runs} values, seed ${seed}`);
  });
}

function callerDir(): string {
  const { file } = siteHere();
  return file === "" ? process.cwd() : dirname(file);
}

// A name is for readers, and may have anything in it.
function folderOf(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, "_");
}
