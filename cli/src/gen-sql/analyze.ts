import { readArguments } from "./arguments.ts";
import type { Ast } from "./ast.ts";
import { copyTarget } from "./copy-target.ts";
import type { Refusal } from "./database.ts";
import { EmbedNames } from "./embed.ts";
import { readItems } from "./items.ts";
import type { Model } from "./model.ts";
import { Ranges, parameterUses } from "./origins.ts";
import type { Problem } from "./problem.ts";
import type { Query } from "./query-file.ts";
import { type Statement, toStatement } from "./statement.ts";
import type { Tools } from "./tools.ts";

/** analyze asks the database and the parser what a query takes and gives; undefined: it has problems. */
export async function analyze(query: Query, tools: Tools, problems: Problem[]): Promise<Model | undefined> {
  const before = problems.length;
  const report = (offset: number, message: string): undefined =>
    void problems.push({ source: query.source, offset, message });
  const parsed = parseQuery(query, tools, problems, report);
  if (parsed === undefined || problems.length > before) return undefined;
  const { statement, ast, ranges } = parsed;
  const { sql, map } = statement;

  const description = await tools.database.describe(sql);
  if ("message" in description) return report(refusedAt(description, statement), refusalText(description, statement));

  const uses = parameterUses(ast, ranges, tools.catalog);
  const args = readArguments(statement, description, ast, uses, tools.types, report);
  if (query.command === ":copyfrom") {
    const copy = copyTarget(ast, tools.catalog, (bytes, message) => report(map.fromBytes(bytes ?? 0), message));
    return problems.length > before || copy === undefined
      ? undefined
      : { query, statement, ast, arguments: args, items: [], copy };
  }
  const wantsRows = query.command !== ":exec" && query.command !== ":execrows";
  if (wantsRows && description.fields.length === 0) {
    report(query.offset, `${query.command} needs a statement that returns rows: SELECT, or RETURNING`);
  }
  const items = wantsRows ? readItems(statement, description, args, ast, tools, report) : [];
  return problems.length > before ? undefined : { query, statement, ast, arguments: args, items, copy: undefined };
}

type Report = (offset: number, message: string) => undefined;

interface Parsed {
  readonly statement: Statement;
  readonly ast: Ast;
  readonly ranges: Ranges;
}

// What sqlc.embed stands for is known when it is known which table the name means: the statement is parsed twice.
function parseQuery(query: Query, { parse, catalog }: Tools, problems: Problem[], report: Report): Parsed | undefined {
  const plain = toStatement(query, (relation) => `${relation}.*`, problems);
  const first = parse(plain.sql);
  if ("failure" in first) return report(plain.map.fromBytes(first.failure.offset), first.failure.message);
  const ranges = new Ranges(first.ast, catalog);
  if (plain.embeds.length === 0) return { statement: plain, ast: first.ast, ranges };

  const names = new EmbedNames(ranges, report);
  for (const embed of plain.embeds) names.check(embed);
  const statement = toStatement(query, (relation) => names.columns(relation), []);
  const second = parse(statement.sql);
  if ("failure" in second) return report(query.offset, second.failure.message);
  return { statement, ast: second.ast, ranges };
}

// Some errors have no place, but name a parameter.
function refusedAt({ position, message }: Refusal, { map, parameters }: Statement): number {
  const parameter = parameters[Number(/\$(\d+)/.exec(message)?.[1]) - 1];
  return position === undefined && parameter !== undefined ? parameter.offset : map.fromPosition(position ?? 1);
}

// Names instead of $1, as they stand in the file.
function refusalText({ message, detail, hint, code }: Refusal, { parameters }: Statement): string {
  const named = (text: string): string =>
    text.replace(/\$(\d+)/g, (whole, n: string) => {
      const name = parameters[Number(n) - 1]?.name;
      return name === undefined ? whole : `@${name}`;
    });
  // 42P08: two types for one parameter; 42P18: none.
  const advice = code === "42P08" || code === "42P18" ? "cast it where it is used: @name::text" : hint;
  return [named(message), detail === undefined ? undefined : named(detail), advice]
    .filter((part) => part !== undefined)
    .join("; ");
}
