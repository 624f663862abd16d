import type { Database } from "./database.ts";
import type { Finding } from "./lint.ts";
import type { Model } from "./model.ts";

// A plan as EXPLAIN (FORMAT JSON) has it.
interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Parent Relationship"?: string;
  readonly Filter?: string;
  readonly "Index Cond"?: string;
  readonly "Join Filter"?: string;
  readonly Plans?: readonly Plan[];
}

// The tables are empty, so that costs mean nothing; but with these off, a sequential scan in a plan says that there is
// no index for it, which is what it costs on a large table.
const SETTINGS = "set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off";

/**
 * scans explains each statement for any arguments and finds what is read from end to end to find some of its rows: a
 * sequential scan with a filter or on the inner side of a join, and a scan by an index that the condition does not use,
 * unless a LIMIT ends it early.
 */
export async function scans(models: readonly Model[], database: Database): Promise<Finding[][]> {
  await database.exec(SETTINGS);
  const all: Finding[][] = [];
  for (const { query, statement } of models) {
    // What COPY runs has no plan.
    if (query.command === ":copyfrom") {
      all.push([]);
      continue;
    }
    const plan = await explain(statement.sql, database);
    const found = new Map<string, string>();
    if (plan !== undefined) visit(plan, { limited: false, condition: undefined }, found);
    all.push(
      Array.from(found, ([table, condition]) => ({
        rule: "seq-scan",
        offset: statement.map.fromBytes(0),
        message: `no index of ${table} serves ${condition}: all of it is read`,
      })),
    );
  }
  await database.exec("reset all");
  return all;
}

// Undefined for what cannot be explained, such as CALL.
async function explain(sql: string, database: Database): Promise<Plan | undefined> {
  try {
    const rows = await database.simple<{ "QUERY PLAN": readonly { readonly Plan: Plan }[] }>(
      `explain (generic_plan, format json) ${sql}`,
    );
    return rows[0]?.["QUERY PLAN"][0]?.Plan;
  } catch {
    return undefined;
  }
}

interface Above {
  /** limited says that a LIMIT above ends the scan early. */
  readonly limited: boolean;
  /** condition is that of the join on whose inner side this is. */
  readonly condition: string | undefined;
}

function visit(plan: Plan, above: Above, found: Map<string, string>): void {
  const { Filter: filter, "Relation Name": table } = plan;
  const type = plan["Node Type"];
  const condition = filter ?? above.condition;
  const scanned =
    type === "Seq Scan" || (/^Index (?:Only )?Scan$/.test(type) && !above.limited && plan["Index Cond"] === undefined);
  if (scanned && table !== undefined && condition !== undefined) found.set(table, condition);
  for (const child of plan.Plans ?? []) {
    const inner = child["Parent Relationship"] === "Inner" ? plan["Join Filter"] : undefined;
    const passes = type === "Materialize" || type === "Memoize" || type === "Append" ? above.condition : undefined;
    // A sort reads everything before the first row.
    const limited = type === "Limit" || (above.limited && type !== "Sort" && type !== "Aggregate");
    visit(child, { limited, condition: inner ?? passes }, found);
  }
}
