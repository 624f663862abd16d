import { type Token, lex } from "./lex.ts";
import { COMMANDS, type Command, badName, isCommand } from "./annotation.ts";
import type { Problem, Source } from "./problem.ts";
import { RULES, isRule } from "./rules.ts";

/** Query is an annotated statement of a file, as it was written. */
export interface Query {
  readonly source: Source;
  /** name is as annotated: "GetUser". */
  readonly name: string;
  readonly command: Command;
  /** offset is where the annotation stands. */
  readonly offset: number;
  /** doc holds the lines of the comments above and right below the annotation. */
  readonly doc: readonly string[];
  readonly ignores: readonly Ignore[];
  /** tokens are those of the statement, without its semicolon; comments within it stay. */
  readonly tokens: readonly Token[];
}

/** Ignore is a comment "millrace:ignore RULE reason": the rule is not applied to the query. */
export interface Ignore {
  readonly rule: string;
  readonly reason: string;
  readonly offset: number;
}

const ANNOTATION = /^--\s*name:\s*(.*?)\s*$/;
const IGNORE = /^--\s*millrace:ignore\b\s*(\S*)\s*(.*)$/;

/**
 * parseQueryFile reads a file of queries in sqlc's form: each begins with "-- name: GetUser :one" and is one statement.
 * Comments that stand right above the annotation, or between it and the statement, are the query's documentation.
 * Source: https://docs.sqlc.dev/en/stable/reference/query-annotations.html
 */
export function parseQueryFile(source: Source, problems: Problem[]): Query[] {
  const problem = (offset: number, message: string): void => void problems.push({ source, offset, message });
  const tokens = lex(source.text);
  const broken = tokens.find(({ kind }) => kind === "broken");
  if (broken !== undefined) problem(broken.start, "this does not end: a closing quote or */ is missing");

  const starts = tokens.flatMap((token, i) => (isAnnotation(token) ? [i] : []));
  const before = tokens.slice(0, starts[0] ?? tokens.length).find(({ kind }) => kind !== "comment");
  if (before !== undefined) problem(before.start, "a statement without an annotation such as `-- name: GetUser :one`");

  return starts.flatMap((start, i) => {
    const above = docStart(source.text, tokens, start);
    const next = starts[i + 1];
    const end = next === undefined ? tokens.length : docStart(source.text, tokens, next);
    const annotation = tokens[start]!;
    const named = readAnnotation(annotation, problem);
    const query = readQuery(tokens.slice(above, start), tokens.slice(start + 1, end), annotation.start, problem);
    return named === undefined || query === undefined ? [] : [{ source, offset: annotation.start, ...named, ...query }];
  });
}

type Report = (offset: number, message: string) => void;

function isAnnotation(token: Token): boolean {
  return token.kind === "comment" && ANNOTATION.test(token.text);
}

function readAnnotation(token: Token, problem: Report): Pick<Query, "name" | "command"> | undefined {
  const rest = ANNOTATION.exec(token.text)![1]!;
  const [name = "", command = "", ...more] = rest.split(/\s+/);
  if (!/^[A-Za-z]\w*$/.test(name) || more.length > 0) {
    problem(token.start, "an annotation is a name and a command, such as `-- name: GetUser :one`");
    return undefined;
  }
  const bad = badName(name);
  if (bad !== undefined) problem(token.start, bad);
  if (isCommand(command)) return bad === undefined ? { name, command } : undefined;
  problem(
    token.start,
    `${command === "" ? "no command" : `unknown command "${command}"`}: it is one of ${COMMANDS.join(" ")}`,
  );
  return undefined;
}

function readQuery(
  above: readonly Token[],
  tokens: readonly Token[],
  offset: number,
  problem: Report,
): Pick<Query, "doc" | "ignores" | "tokens"> | undefined {
  const first = tokens.findIndex(({ kind }) => kind !== "comment");
  const semicolon = tokens.findIndex(({ text }) => text === ";");
  const end = semicolon === -1 ? tokens.findLastIndex(({ kind }) => kind !== "comment") + 1 : semicolon;
  if (first === -1 || first === semicolon) {
    problem(offset, "there is no statement below this annotation");
    return undefined;
  }
  const second = tokens.slice(end).find(({ kind, text }) => kind !== "comment" && text !== ";");
  if (second !== undefined) problem(second.start, "a second statement: each has an annotation of its own");

  const ignores = [...above, ...tokens].flatMap(({ kind, text, start }): Ignore[] => {
    const match = kind === "comment" ? IGNORE.exec(text) : null;
    return match === null ? [] : [{ rule: match[1]!, reason: match[2]!.trim(), offset: start }];
  });
  for (const { rule, reason, offset } of ignores) {
    if (!isRule(rule)) problem(offset, `there is no rule "${rule}": it is one of ${Object.keys(RULES).join(", ")}`);
    else if (reason === "") problem(offset, `why is it ignored? -- millrace:ignore ${rule} the reason`);
  }
  const doc = [...above, ...tokens.slice(0, first)]
    .filter(({ text }) => text.startsWith("--") && !IGNORE.test(text))
    .map(({ text }) => text.replace(/^--+ ?/, "").trimEnd());
  return { doc, ignores, tokens: tokens.slice(first, end) };
}

// The first of the comments that stand right above an annotation, each on a line of its own.
function docStart(text: string, tokens: readonly Token[], annotation: number): number {
  let start = annotation;
  for (let i = annotation - 1; i >= 0; i--) {
    const { kind, text: comment, start: from, end } = tokens[i]!;
    const ownLine = /(?:^|\n)[ \t]*$/.test(text.slice(tokens[i - 1]?.end ?? 0, from));
    const adjacent = /^[ \t]*\n[ \t]*$/.test(text.slice(end, tokens[i + 1]!.start));
    if (kind !== "comment" || !comment.startsWith("--") || isAnnotation(tokens[i]!) || !ownLine || !adjacent) break;
    start = i;
  }
  return start;
}
