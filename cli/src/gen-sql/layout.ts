// As the repository's formatter is set, and most others can be.
const WIDTH = 120;

/** bracketed writes a list in brackets on one line, or, if that is too long, an element per line. */
export function bracketed(
  before: string,
  [open, close]: readonly [string, string],
  items: readonly string[],
  after: string,
): string {
  const indent = /^ */.exec(before)![0];
  const pad = open === "{" && items.length > 0 ? " " : "";
  const line = `${before}${open}${pad}${items.join(", ")}${pad}${close}${after}`;
  if (longest(line) <= WIDTH || items.length === 0) return line;
  const lines = items.map((item) => `${indent}  ${item},\n`);
  return `${before}${open}\n${lines.join("")}${indent}${close}${after}`;
}

/** callWith writes a call whose last argument is a list; too long, it is the list that is broken, or else all. */
export function callWith(before: string, args: readonly string[], last: readonly string[], after: string): string {
  const hugged = bracketed(`${before}(${[...args, ""].join(", ")}`, ["[", "]"], last, `)${after}`);
  if (longest(hugged) <= WIDTH) return hugged;
  const indent = /^ */.exec(before)![0];
  const list = bracketed(`${indent}  `, ["[", "]"], last, ",\n");
  return `${before}(\n${args.map((arg) => `${indent}  ${arg},\n`).join("")}${list}${indent})${after}`;
}

/** nullOr writes a field that is null if the tests are all true, and a value otherwise; it ends with a comma. */
export function nullOr(indent: string, key: string, tests: readonly string[], value: string): string {
  const flat = `${indent}${key}: ${tests.join(" && ")} ? null : ${value},\n`;
  if (longest(flat) <= WIDTH && !value.includes("\n")) return flat;
  const inner = `${indent}  ${tests.join(" && ")}`;
  const test = longest(inner) <= WIDTH ? inner : `${indent}  ${tests.join(` &&\n${indent}  `)}`;
  const onOne = `${test} ? null : ${value}`;
  const rest =
    longest(onOne) <= WIDTH && !onOne.includes("\n") ? onOne : `${test}\n${indent}    ? null\n${indent}    : ${value}`;
  return `${indent}${key}:\n${rest},\n`;
}

/** union writes a type of alternatives. */
export function union(before: string, members: readonly string[]): string {
  const line = `${before} ${members.join(" | ")};`;
  return line.length <= WIDTH ? line : `${before}\n${members.map((member) => `  | ${member}`).join("\n")};`;
}

/** docComment writes lines as a documentation comment, nothing for none. */
export function docComment(lines: readonly string[]): string {
  const safe = lines.map((line) => line.replaceAll("*/", "*\\/"));
  if (safe.every((line) => line === "")) return "";
  const [only] = safe;
  if (safe.length === 1 && only!.length <= WIDTH - 8) return `/** ${only!} */\n`;
  return `/**\n${safe.map((line) => (line === "" ? " *" : ` * ${line}`)).join("\n")}\n */\n`;
}

function longest(text: string): number {
  return Math.max(...text.split("\n").map((line) => line.length));
}
