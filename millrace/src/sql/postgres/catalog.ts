import type { Row } from "../driver.ts";
import { type Parse, parseArray } from "./array.ts";
import { compositeParser } from "./composite.ts";
import { parseMultirange, parseRange } from "./range.ts";

/** TypeRow is what the catalog says of one type. @internal */
export interface TypeRow {
  readonly oid: number;
  /** kind is pg_type.typtype, or "a" for an array. */
  readonly kind: string;
  /** of is the type of an array's elements, under a domain, or of a range's bounds; 0 for others. */
  readonly of: number;
  readonly delimiter: string;
  readonly names: readonly string[];
  readonly members: readonly number[];
}

// The types that were asked for and all that they are made of.
const QUERY = `
with recursive need(oid) as (
  select unnest($1::oid[])
  union
  select d.oid
  from need n
  join pg_catalog.pg_type t on t.oid = n.oid
  left join pg_catalog.pg_range r on r.rngtypid = t.oid or r.rngmultitypid = t.oid
  cross join lateral (
    select t.typelem where t.typinput = 'pg_catalog.array_in'::regproc
    union all select t.typbasetype where t.typtype = 'd'
    union all select r.rngsubtype where t.typtype in ('r', 'm')
    union all
    select a.atttypid from pg_catalog.pg_attribute a
    where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
  ) d(oid)
)
select
  t.oid,
  case when t.typinput = 'pg_catalog.array_in'::regproc then 'a' else t.typtype::text end as kind,
  case when t.typtype = 'd' then t.typbasetype when t.typtype in ('r', 'm') then r.rngsubtype else t.typelem end as of,
  t.typdelim as delimiter,
  array(select a.attname::text from pg_catalog.pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0
    and not a.attisdropped order by a.attnum) as names,
  array(select a.atttypid from pg_catalog.pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0
    and not a.attisdropped order by a.attnum) as members
from need n
join pg_catalog.pg_type t on t.oid = n.oid
left join pg_catalog.pg_range r on r.rngtypid = t.oid or r.rngmultitypid = t.oid`;

/** Ask runs a statement on whatever connection is at hand. @internal */
export type Ask = (text: string, args: readonly unknown[]) => Promise<readonly Row[]>;

/** readTypes asks the catalog for types and for what they are made of. @internal */
export async function readTypes(ask: Ask, oids: readonly number[]): Promise<readonly TypeRow[]> {
  // The columns are as the statement names them.
  return (await ask(QUERY, [oids])) as unknown as readonly TypeRow[];
}

/**
 * parserFor is how a value of a type is read, `parserOf` giving the parsers of what it is made of. A member is looked up
 * when the first value comes: the rows are in no order. @internal
 */
export function parserFor(type: TypeRow, parserOf: (oid: number) => Parse): Parse {
  const late = (oid: number): Parse => {
    let parse: Parse | undefined;
    return (text) => (parse ??= parserOf(oid))(text);
  };
  const of = late(type.of);
  switch (type.kind) {
    case "a":
      return (text) => parseArray(text, of, type.delimiter);
    case "d":
      return of;
    case "r":
      return (text) => parseRange(text, of);
    case "m":
      return (text) => parseMultirange(text, of);
    case "c":
      return compositeParser(type.names.map((name, i) => ({ name, parse: late(type.members[i]!) })));
    default:
      // Enums, and types of extensions.
      return (text) => text;
  }
}
