/**
 * readFields reads the text form that rows and ranges share, from its opening bracket on: (1,"a ""b""",,"") is four
 * fields, the third of them null. `end` is where the closing bracket is.
 * Source: https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-IO-SYNTAX
 * @internal
 */
export function readFields(text: string, start: number): { readonly fields: (string | null)[]; readonly end: number } {
  const fields: (string | null)[] = [];
  let field: string | null = null;
  let quoted = false;
  for (let at = start + 1; at < text.length; at++) {
    const c = text[at]!;
    if (c === "\\") field = (field ?? "") + (text[++at] ?? "");
    else if (c === '"') {
      // Two in a row within quotes are one of them.
      if (quoted && text[at + 1] === '"') field += text[++at]!;
      else quoted = !quoted;
      field ??= "";
    } else if (quoted) field += c;
    else if (c === "," || c === ")" || c === "]") {
      fields.push(field);
      field = null;
      if (c !== ",") return { fields, end: at };
    } else field = (field ?? "") + c;
  }
  return { fields, end: text.length };
}

/** quoteField writes a field so that it is read back whatever it holds; null is nothing at all. @internal */
export function quoteField(field: string | null): string {
  return field === null ? "" : `"${field.replace(/["\\]/g, "\\$&")}"`;
}
