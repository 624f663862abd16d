import { styleText } from "node:util";
import { type Fields, mergeFields } from "./fields.ts";
import type { WriteLine } from "./json.ts";
import type { Level } from "./level.ts";
import type { Plain } from "./plain.ts";
import type { Sink } from "./sink.ts";

const COLORS = { debug: "gray", info: "green", warn: "yellow", error: "red" } as const;

/** prettyLines writes for a person: local time, level, message, name=value, and below it the stacks of errors. */
export function prettyLines(sink: Sink, redacted: (name: string) => boolean, colors: boolean): WriteLine {
  const paint = (style: "gray" | "green" | "yellow" | "red" | "bold", text: string): string =>
    colors ? styleText(style, text, { validateStream: false }) : text;
  return (level, msg, fixed, inherited, attrs) => {
    const fields = mergeFields(fixed.fields, redacted, inherited, attrs);
    const head = `${paint("gray", clock(new Date()))} ${paint(COLORS[level], label(level))} ${paint("bold", visible(msg))}`;
    const pairs: string[] = [];
    const below: string[] = [];
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      if (isError(value)) below.push(...errorLines(name, value));
      else pairs.push(` ${paint("gray", `${visible(name)}=`)}${text(value)}`);
    }
    sink.write(`${[head + pairs.join(""), ...below.map((line) => `    ${line}`)].join("\n")}\n`, level === "error");
  };
}

function clock(now: Date): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  const ms = String(now.getMilliseconds()).padStart(3, "0");
  return `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}.${ms}`;
}

function label(level: Level): string {
  return level.toUpperCase().padEnd(5);
}

// A value that is one word stands bare, everything else as JSON: a line stays one line whatever is in it.
function text(value: Plain): string {
  return typeof value === "string" && /^[\w.:/@*+-]+$/.test(value) ? value : visible(JSON.stringify(value));
}

// Control characters would move the terminal's cursor or forge a line.
function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (char) =>
    char === "\n" ? "\\n" : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function isError(value: Plain): value is Fields {
  return typeof value === "object" && value !== null && "stack" in value && "message" in value;
}

function errorLines(name: string, err: Fields): string[] {
  const { code, reason, cause, errors, issues } = err;
  const kind = [code, reason].filter((part) => typeof part === "string" || typeof part === "number").join(", ");
  const stack = typeof err["stack"] === "string" ? err["stack"] : `${String(err["name"])}: ${String(err["message"])}`;
  const lines = `${name}: ${stack}`.split("\n").map(visible);
  if (kind !== "") lines[0] += ` (${kind})`;
  if (issues !== undefined) lines.push(`  issues: ${text(issues)}`);
  if (isError(cause ?? null)) lines.push(...errorLines("cause", cause as Fields));
  else if (cause !== undefined) lines.push(`cause: ${text(cause)}`);
  if (Array.isArray(errors)) {
    for (const member of errors as readonly Plain[]) {
      lines.push(...(isError(member) ? errorLines("error", member) : [`error: ${text(member)}`]).map((l) => `  ${l}`));
    }
  }
  return lines;
}
