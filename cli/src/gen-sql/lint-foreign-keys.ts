import type { Database } from "./database.ts";
import type { Problem, Source } from "./problem.ts";

interface ForeignKey {
  readonly table: string;
  readonly columns: readonly string[];
  readonly target: string;
}

// Those for which no usable index begins with the columns of the key, in any order.
const UNINDEXED = `
select c.relname as table, t.relname as target,
  (select json_agg(a.attname order by k.ord) from unnest(f.conkey) with ordinality k (num, ord)
    join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.num) as columns
from pg_constraint f
join pg_class c on c.oid = f.conrelid
join pg_class t on t.oid = f.confrelid
where f.contype = 'f' and f.conparentid = 0 and not exists (
  select from pg_index i
  where i.indrelid = f.conrelid and i.indisvalid and i.indpred is null
    and (i.indkey::int2[])[0:cardinality(f.conkey) - 1] @> f.conkey)
order by 1, 3::text`;

const IGNORE = /--\s*millrace:ignore\s+unindexed-foreign-key\s+([\w.]+)/g;

/** foreignKeys finds the foreign keys without an index, and says where the migrations name them. */
export async function foreignKeys(migrations: readonly Source[], database: Database): Promise<Problem[]> {
  const ignored = new Set(migrations.flatMap(({ text }) => Array.from(text.matchAll(IGNORE), (match) => match[1])));
  const keys = await database.rows<ForeignKey>(UNINDEXED);
  return keys.flatMap(({ table, columns, target }): Problem[] => {
    const place = ignored.has(`${table}.${columns[0]!}`) ? undefined : placeOf(table, columns[0]!, migrations);
    if (place === undefined) return [];
    const what = `no index of ${table} begins with ${columns.join(", ")}`;
    const message = `unindexed-foreign-key: ${what}: deleting from ${target} reads all of ${table}`;
    return [{ ...place, message }];
  });
}

// The column behind the last CREATE or ALTER TABLE that names it.
function placeOf(
  table: string,
  column: string,
  migrations: readonly Source[],
): Pick<Problem, "source" | "offset"> | undefined {
  const statement = new RegExp(String.raw`\btable\b[^;]*?\b${table}\b[^;]*?\b(?=${column}\b)`, "gi");
  for (const source of migrations.toReversed()) {
    const match = Array.from(source.text.matchAll(statement)).at(-1);
    if (match !== undefined) return { source, offset: match.index + match[0].length };
  }
  const [source] = migrations;
  return source === undefined ? undefined : { source, offset: 0 };
}
