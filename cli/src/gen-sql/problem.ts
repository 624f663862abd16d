/** Source is a file of SQL as it was read, with line ends as LF. */
export interface Source {
  /** file is its path as it is to be shown. */
  readonly file: string;
  readonly text: string;
}

/** Problem is something that is wrong with a file, at a place of its text. */
export interface Problem {
  readonly source: Source;
  /** offset counts UTF-16 units, as strings do. */
  readonly offset: number;
  readonly message: string;
}

/**
 * formatProblem shows a problem as an editor's problem matcher reads it, with the line and a caret:
 *
 *     db/queries/users.sql:3:8: column "nmae" does not exist
 *       select nmae from users
 *              ^
 */
export function formatProblem({ source, offset, message }: Problem): string {
  const { text, file } = source;
  const at = Math.min(offset, text.length);
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const end = text.indexOf("\n", at);
  const line = text.slice(start, end === -1 ? text.length : end);
  const before = text.slice(start, at);
  const number = text.slice(0, start).split("\n").length;
  // Columns count characters; a tab stays a tab, so that the caret stands under its character.
  const column = Array.from(before).length + 1;
  const gap = before.replace(/[^\t]/gu, " ");
  return `${file}:${number}:${column}: ${message}\n  ${line}\n  ${gap}^\n`;
}

/** inOrder sorts problems by file and place. */
export function inOrder<P extends Problem>(problems: readonly P[]): P[] {
  return problems.toSorted((a, b) => compare(a.source.file, b.source.file) || a.offset - b.offset);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
