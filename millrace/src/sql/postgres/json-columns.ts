import type { SchemaIssue, StandardSchema } from "../../schema/index.ts";
import type { Parse } from "./array.ts";
import type { Ask } from "./catalog.ts";
import { unreadable } from "./unreadable.ts";

const JSON_OIDS: ReadonlySet<number> = new Set([114, 3802]);

const QUERY = `
select a.attrelid as table, a.attnum as column, n.nspname as schema, c.relname as name, a.attname as attribute
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where a.attrelid = any($1::oid[]) and a.attnum > 0 and not a.attisdropped`;

/** ColumnOrigin is where RowDescription says that a column comes from; tableID is 0 for an expression. @internal */
export interface ColumnOrigin {
  readonly dataTypeID: number;
  readonly tableID: number;
  readonly columnID: number;
}

/** JsonColumns reads json columns through schemas, by "table.column" or "schema.table.column". @internal */
export class JsonColumns {
  readonly #schemas: ReadonlyMap<string, StandardSchema>;
  // By table and column; a table that was looked up has an entry.
  readonly #tables = new Map<number, ReadonlyMap<number, Parse>>();

  constructor(schemas: Readonly<Record<string, StandardSchema>>) {
    this.#schemas = new Map(Object.entries(schemas));
  }

  /** covers says that a schema may stand for this column. */
  covers(column: ColumnOrigin): boolean {
    return column.tableID !== 0 && JSON_OIDS.has(column.dataTypeID);
  }

  /** parserOf is the column's parser, JSON.parse where no schema is named; undefined: the table is not known yet. */
  parserOf(column: ColumnOrigin): Parse | undefined {
    const table = this.#tables.get(column.tableID);
    return table === undefined ? undefined : (table.get(column.columnID) ?? parseJson);
  }

  async learn(columns: readonly ColumnOrigin[], ask: Ask): Promise<void> {
    const ids = columns.filter((column) => this.covers(column)).map((column) => column.tableID);
    const unknown = [...new Set(ids)].filter((id) => !this.#tables.has(id));
    if (unknown.length === 0) return;
    const tables = new Map(unknown.map((id) => [id, new Map<number, Parse>()]));
    for (const row of await ask(QUERY, [unknown])) {
      const { table, column, schema, name, attribute } = row as Record<string, string> & {
        table: number;
        column: number;
      };
      const found = this.#schemas.get(`${schema}.${name}.${attribute}`) ?? this.#schemas.get(`${name}.${attribute}`);
      if (found !== undefined) tables.get(table)?.set(column, checked(found, `${name}.${attribute}`));
    }
    for (const [id, table] of tables) this.#tables.set(id, table);
  }
}

function checked(schema: StandardSchema, name: string): Parse {
  return (text) => {
    const result = schema["~standard"].validate(JSON.parse(text));
    if (result instanceof Promise)
      throw unreadable(`the schema of ${name} is asynchronous, which a row cannot wait for`);
    if (result.issues === undefined) return result.value;
    throw unreadable(`${name}: ${result.issues.map(describe).join("; ")}`);
  };
}

function describe(issue: SchemaIssue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}

function parseJson(text: string): unknown {
  return JSON.parse(text);
}
