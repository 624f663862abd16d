import type { Token } from "./lex.ts";
import type { Problem } from "./problem.ts";
import type { Query } from "./query-file.ts";
import { SourceMap, type Edit } from "./source-map.ts";

/** Parameter is an argument of a query, in the order of $1, $2, … */
export interface Parameter {
  /** name is as it was written: @user_id; undefined for a plain $1. */
  readonly name: string | undefined;
  /** nullable is said by sqlc.narg. */
  readonly nullable: boolean;
  /** slice is said by sqlc.slice: an array without nulls. */
  readonly slice: boolean;
  /** offset is where it is used first, in the file. */
  readonly offset: number;
}

/** Embed is a use of sqlc.embed. */
export interface Embed {
  /** relation is the name that the table has in the statement. */
  readonly relation: string;
  /** offset is where it stands in the file. */
  readonly offset: number;
}

/** Statement is a query in PostgreSQL's own terms. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  readonly embeds: readonly Embed[];
  /** claims are the columns that the query itself says are null or never are: AS "total!" and AS "total?". */
  readonly claims: ReadonlyMap<string, "null" | "not null">;
  /** map leads from offsets of sql back to the file. */
  readonly map: SourceMap;
}

/**
 * toStatement turns what is not PostgreSQL's into it: @name and sqlc.arg, narg, slice and embed. embedded is what is
 * selected for an embedded relation.
 */
export function toStatement(query: Query, embedded: (relation: string) => string, problems: Problem[]): Statement {
  const rewriting = new Rewriting(query, embedded, problems);
  rewriting.run();
  return rewriting.statement();
}

// Operators that end in @; in any other, as in "=@id", a parameter begins with it.
const AT_OPERATORS = new Set(["<@", "@@", "@@@", "^<@", "?@", "-|-@"]);

class Rewriting {
  readonly #query: Query;
  readonly #embedded: (relation: string) => string;
  readonly #problems: Problem[];
  readonly #tokens: readonly Token[];
  readonly #edits: Edit[] = [];
  readonly #parameters: Parameter[] = [];
  readonly #embeds: Embed[] = [];
  readonly #claims: Map<string, "null" | "not null"> = new Map();

  constructor(query: Query, embedded: (relation: string) => string, problems: Problem[]) {
    this.#query = query;
    this.#embedded = embedded;
    this.#problems = problems;
    this.#tokens = query.tokens.filter(({ kind }) => kind !== "comment");
  }

  run(): void {
    for (let i = 0; i < this.#tokens.length; i++) {
      const { kind, text } = this.#tokens[i]!;
      if (kind === "operator" && text.endsWith("@")) i += this.#at(i);
      else if (kind === "word" && text.toLowerCase() === "sqlc" && this.#text(i + 1) === ".") i += this.#call(i);
      else if (kind === "argument") this.#plain(this.#tokens[i]!);
      else if (kind === "name") this.#claim(i);
    }
    const mixed = this.#parameters.find(({ name }) => name === undefined);
    if (mixed !== undefined && this.#parameters.some(({ name }) => name !== undefined)) {
      this.#problem(mixed.offset, "parameters have names or numbers in one query, not both");
    }
  }

  statement(): Statement {
    const { source, tokens } = this.#query;
    const map = new SourceMap(source.text, tokens[0]!.start, tokens.at(-1)!.end, this.#edits);
    const { sql } = map;
    return { sql, parameters: this.#parameters, embeds: this.#embeds, claims: this.#claims, map };
  }

  // "@name", the @ possibly glued to an operator before it. Gives how many tokens more were taken.
  #at(i: number): number {
    const { text, end } = this.#tokens[i]!;
    const name = this.#tokens[i + 1];
    if (name?.kind !== "word" || name.start !== end || AT_OPERATORS.has(text)) return 0;
    this.#replace(end - 1, name.end, this.#parameter(name.text, end - 1, {}));
    return 1;
  }

  // sqlc . name ( argument )
  #call(i: number): number {
    const { start } = this.#tokens[i]!;
    const fn = this.#text(i + 2);
    const argument = this.#tokens[i + 4];
    const close = this.#tokens[i + 5];
    const whole = this.#text(i + 3) === "(" && (argument?.kind === "word" || argument?.kind === "string");
    if (!whole || close?.text !== ")") {
      this.#problem(start, "this is written sqlc.arg(name)");
      return 2;
    }
    const name = argument.kind === "string" ? argument.text.slice(1, -1) : argument.text;
    switch (fn) {
      case "arg":
        this.#replace(start, close.end, this.#parameter(name, start, {}));
        break;
      case "narg":
        this.#replace(start, close.end, this.#parameter(name, start, { nullable: true }));
        break;
      case "slice":
        this.#slice(i, name);
        break;
      case "embed":
        this.#embeds.push({ relation: name, offset: start });
        this.#embed(i, name);
        break;
      default:
        this.#problem(start, `there is no sqlc.${fn}: it is one of arg, narg, slice, embed`);
    }
    return 5;
  }

  // Many columns: they begin a line of their own.
  #embed(i: number, name: string): void {
    const { start } = this.#tokens[i]!;
    const before = this.#tokens[i - 1]?.end ?? start;
    const blank = this.#query.source.text.slice(before, start).trim() === "";
    this.#replace(blank ? before : start, this.#tokens[i + 5]!.end, `${blank ? "\n  " : ""}${this.#embedded(name)}`);
  }

  // IN (slice) is = any($1), and NOT IN (slice) is <> all($1): one statement for every length, also for none.
  #slice(i: number, name: string): void {
    const { start } = this.#tokens[i]!;
    const close = this.#tokens[i + 5]!;
    const $n = this.#parameter(name, start, { slice: true });
    if (this.#text(i - 1) !== "(" || this.#text(i - 2)?.toLowerCase() !== "in")
      return this.#replace(start, close.end, $n);
    const end = this.#tokens[i + 6];
    if (end?.text !== ")") return this.#problem(start, "sqlc.slice stands alone within IN (…)");
    const not = this.#text(i - 3)?.toLowerCase() === "not";
    const from = this.#tokens[not ? i - 3 : i - 2]!.start;
    return this.#replace(from, end.end, not ? `<> all(${$n})` : `= any(${$n})`);
  }

  #plain({ text, start }: Token): void {
    const n = Number(text.slice(1));
    if (n === 0 || n > 65_535) return this.#problem(start, "the parameters are $1 to $65535");
    while (this.#parameters.length < n) {
      this.#parameters.push({ name: undefined, nullable: false, slice: false, offset: start });
    }
    return undefined;
  }

  #parameter(name: string, offset: number, { nullable = false, slice = false }): string {
    const known = this.#parameters.findIndex((parameter) => parameter.name === name);
    const before = this.#parameters[known];
    if (before === undefined) return `$${this.#parameters.push({ name, nullable, slice, offset })}`;
    if (before.slice !== slice) this.#problem(offset, `"${name}" is a slice in one place and one value in another`);
    this.#parameters[known] = { ...before, nullable: before.nullable || nullable };
    return `$${known + 1}`;
  }

  #claim(i: number): void {
    const { text, start, end } = this.#tokens[i]!;
    const match = /^"(.+)([!?])"$/.exec(text);
    if (match === null || this.#text(i - 1)?.toLowerCase() !== "as") return;
    this.#claims.set(match[1]!.replaceAll('""', '"'), match[2] === "!" ? "not null" : "null");
    this.#replace(start, end, `"${match[1]!}"`);
  }

  #text(i: number): string | undefined {
    return this.#tokens[i]?.text;
  }

  // In "limit@n" the number would become a part of the word.
  #replace(start: number, end: number, text: string): void {
    const glued = text.startsWith("$") && /\w/.test(this.#query.source.text[start - 1] ?? "");
    this.#edits.push({ start, end, text: glued ? ` ${text}` : text });
  }

  #problem(offset: number, message: string): void {
    this.#problems.push({ source: this.#query.source, offset, message });
  }
}
