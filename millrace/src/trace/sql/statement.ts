// What in a statement may be data, with what must be read as a whole so that no data is overlooked: names in quotes and
// parameters. Source: https://www.postgresql.org/docs/current/sql-syntax-lexical.html
const TOKENS =
  /(?<keep>"(?:[^"]|"")*"?|\$\d+)|(?<comment>--[^\n]*|\/\*[^]*?(?:\*\/|$))|\b[eE]'(?:[^'\\]|''|\\[^])*(?:'|$)|'(?:[^']|'')*(?:'|$)|\$(?<tag>[A-Za-z_]\w*)?\$[^]*?(?:\$\k<tag>\$|$)|(?<![\w$.])(?:0[xob][\da-f_]+|\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+)/gi;

// A longer statement is data for the most part.
const MAX_CHARS = 2048;

/**
 * sanitized is a statement without what was written into it: literals become "?", comments go, spaces are one. Arguments
 * ($1) are no part of it anyway. It is cut at 2,048 characters.
 */
export function sanitized(text: string): string {
  const head = text.slice(0, 4 * MAX_CHARS);
  const clean = head.replaceAll(TOKENS, (...match) => {
    // The groups come last.
    const groups = match.at(-1) as { readonly keep?: string; readonly comment?: string };
    return groups.keep ?? (groups.comment === undefined ? "?" : " ");
  });
  const short = clean.replaceAll(/\s+/g, " ").trim();
  return short.length > MAX_CHARS || text.length > head.length ? `${short.slice(0, MAX_CHARS)}…` : short;
}

const TABLE =
  /\b(?:from|into|update|join|table|copy)\s+(?:only\s+)?((?:"[^"]*"|[a-z_][\w$]*)(?:\.(?:"[^"]*"|[a-z_][\w$]*))*)/i;

/** summaryOf is what a sanitized statement does and to which table first, "SELECT users": few enough to group by. */
export function summaryOf(clean: string): string {
  const operation = operationOf(clean);
  const table = TABLE.exec(clean)?.[1];
  const name = table?.replaceAll('"', "");
  return (name === undefined ? operation : `${operation} ${name}`).slice(0, 255);
}

/** operationOf is a statement's first word in capitals. */
export function operationOf(clean: string): string {
  return /^\W*([a-z]+)/i.exec(clean)?.[1]?.toUpperCase() ?? "SQL";
}
