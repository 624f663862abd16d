import { type Ast, child, findAll, int, list } from "./ast.ts";
import type { Database } from "./database.ts";
import { foreignKeys } from "./lint-foreign-keys.ts";
import { scans } from "./lint-scans.ts";
import type { Model } from "./model.ts";
import { type Problem, type Source, inOrder } from "./problem.ts";
import { type Rule, isRule } from "./rules.ts";

/** Finding is what a rule found in a query. */
export interface Finding {
  readonly rule: Rule;
  /** offset is where, in the file. */
  readonly offset: number;
  readonly message: string;
}

/**
 * lint applies the rules to queries, and to the schema that the migrations make. "-- millrace:ignore RULE reason" among
 * a query's comments, or "-- millrace:ignore unindexed-foreign-key table.column reason" in a migration, turns a rule off
 * there; one that turns off nothing is a problem itself.
 */
export async function lint(
  models: readonly Model[],
  migrations: readonly Source[],
  database: Database,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const explained = await scans(models, database);
  for (const [i, model] of models.entries()) {
    const { source, ignores } = model.query;
    const findings = [...statementFindings(model), ...explained[i]!];
    for (const { rule, offset, message } of findings) {
      if (ignores.some((ignore) => ignore.rule === rule)) continue;
      problems.push({ source, offset, message: `${rule}: ${message}` });
    }
    for (const { rule, offset } of ignores) {
      if (findings.some((finding) => finding.rule === rule) || !isRule(rule)) continue;
      problems.push({ source, offset, message: `${rule}: there is nothing here to ignore` });
    }
  }
  problems.push(...(await foreignKeys(migrations, database)));
  return inOrder(problems);
}

function statementFindings({ query, ast, statement }: Model): Finding[] {
  const at = (node: Ast | undefined): number => statement.map.fromBytes(int(node, "location"));
  const findings: Finding[] = [];
  for (const kind of ["UpdateStmt", "DeleteStmt"]) {
    for (const node of findAll(ast, kind)) {
      if (node["whereClause"] !== undefined) continue;
      const what = kind === "UpdateStmt" ? "UPDATE changes" : "DELETE removes";
      const message = `${what} every row; WHERE true says that it is meant`;
      findings.push({ rule: "no-where", offset: at(child(node, "relation")), message });
    }
  }
  const select = child(ast, "SelectStmt");
  const ranges = findAll(list(select, "fromClause"), "RangeVar");
  if (query.command === ":many" && ranges.length > 0 && select?.["limitCount"] === undefined) {
    const message = "all rows are held in memory: add LIMIT, or make it :stream";
    findings.push({ rule: "many-without-limit", offset: at(undefined), message });
  }
  const returning = ["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"].flatMap((kind) =>
    list(child(ast, kind, "returningClause"), "exprs"),
  );
  for (const target of [...list(select, "targetList"), ...returning]) {
    const node = child(target, "ResTarget");
    const last = list(child(node, "val", "ColumnRef"), "fields").at(-1);
    if (last === undefined || !("A_Star" in last)) continue;
    findings.push({
      rule: "select-star",
      offset: at(node),
      message: "name the columns: a migration that adds one changes the row",
    });
  }
  return findings;
}
