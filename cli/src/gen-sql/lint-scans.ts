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
  const { Filter: filter, "Relation Name": table, Plans: children = [] } = plan;
  const type = plan["Node Type"];
  const condition = filter ?? above.condition;
  const byIndex = /^Index (?:Only )?Scan$/.test(type) && plan["Index Cond"] === undefined;
  const scanned = type === "Seq Scan" || (byIndex && !above.limited);
  if (scanned && table !== undefined && condition !== undefined) found.set(table, condition);
  const inner = children.find((child) => child["Parent Relationship"] === "Inner");
  for (const child of children) {
    const passes = PASSING.has(type) ? above.condition : undefined;
    // A sort reads everything before the first row.
    const limited = type === "Limit" || (above.limited && type !== "Sort" && type !== "Aggregate");
    const joined = child === inner ? plan["Join Filter"] : inner && restriction(inner);
    visit(child, { limited, condition: joined ?? passes }, found);
  }
}

// Nodes that give what is below them as it is.
const PASSING = new Set(["Materialize", "Memoize", "Append", "Nested Loop"]);

// By what the inner side of a join finds its row, if it then drops some: those were read on the outer side for nothing.
function restriction(inner: Plan): string | undefined {
  const scan = PASSING.has(inner["Node Type"]) ? inner.Plans?.[0] : inner;
  return scan?.Filter === undefined ? undefined : scan["Index Cond"];
}
