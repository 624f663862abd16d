/** Mutant is a wrong version of a file that tests must notice. */
export interface Mutant {
  /** name says what is wrong. */
  readonly name: string;
  readonly file: string;
  /** find is the text that is replaced; it occurs exactly once in the file, or the mutant is stale. */
  readonly find: string;
  readonly replace: string;
  /** tests are globs of the test files that are run. */
  readonly tests: readonly string[];
}

/** Change is what is wrong, the text that is replaced, and by what. */
export type Change = readonly [name: string, find: string, replace: string];

/** mutantsOf are the mutants of one file of the toolkit; `path` and the globs are relative to millrace/src. */
export function mutantsOf(path: string, tests: readonly string[], changes: readonly Change[]): Mutant[] {
  const file = `millrace/src/${path}`;
  const globs = tests.map((glob) => `millrace/src/${glob}`);
  return changes.map(([name, find, replace]) => ({ name, file, find, replace, tests: globs }));
}
