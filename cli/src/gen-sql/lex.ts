/** Kind says what a token is; "broken" is a string, comment or name that does not end. */
export type Kind = "word" | "name" | "string" | "number" | "argument" | "operator" | "mark" | "comment" | "broken";

/** Token is a piece of SQL: a name is in double quotes, an argument is $1, a mark one of ( ) [ ] , ; . : or ::. */
export interface Token {
  readonly kind: Kind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

// The order matters: a comment is no operator, E'…' no word, $tag$ no argument, "::" not two colons.
const TOKEN = new RegExp(
  [
    /(?<space>\s+)/,
    /(?<comment>--[^\n]*|\/\*)/,
    /(?<string>[eE]'[^'\\]*(?:(?:\\[^]|'')[^'\\]*)*'|(?:[bBxXnN]|[uU]&)?'[^']*(?:''[^']*)*')/,
    /(?<name>(?:[uU]&)?"[^"]*(?:""[^"]*)*")/,
    /(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)/,
    /(?<argument>\$\d+)/,
    /(?<broken>['"])/,
    /(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)/,
    /(?<number>0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][-+]?\d+)?)/,
    /(?<mark>::|:=|[^-+*/<>=~!@#%^&|`?])/,
    /(?<operator>[-+*/<>=~!@#%^&|`?]+)/,
  ]
    .map((part) => part.source)
    .join("|"),
  "y",
);

/**
 * lex cuts SQL into tokens as PostgreSQL's scanner does with standard_conforming_strings on; white space is left out,
 * comments are not.
 * Source: https://github.com/postgres/postgres/blob/master/src/backend/parser/scan.l
 */
export function lex(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    TOKEN.lastIndex = at;
    // Every character is one of them: a mark is whatever is no operator.
    const groups = TOKEN.exec(text)!.groups!;
    const [kind, found] = Object.entries(groups).find(([, value]) => value !== undefined) as [string, string];
    const end = endOf(kind, found, text, at);
    if (kind !== "space") {
      const broken = end === undefined || kind === "broken";
      const last = broken ? text.length : end;
      const known = kind === "dollar" ? "string" : (kind as Kind);
      tokens.push({ kind: broken ? "broken" : known, text: text.slice(at, last), start: at, end: last });
    }
    at = end === undefined || kind === "broken" ? text.length : end;
  }
  return tokens;
}

// Undefined: it does not end.
function endOf(kind: string, found: string, text: string, at: number): number | undefined {
  if (kind === "dollar") {
    const close = text.indexOf(found, at + found.length);
    return close === -1 ? undefined : close + found.length;
  }
  if (found === "/*") return endOfBlock(text, at);
  if (kind === "operator") {
    // A comment ends an operator.
    const comment = found.search(/--|\/\*/);
    if (comment > 0) return at + comment;
  }
  return at + found.length;
}

// Block comments nest.
function endOfBlock(text: string, at: number): number | undefined {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = at;
  let depth = 0;
  for (let match = edge.exec(text); match !== null; match = edge.exec(text)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return undefined;
}
