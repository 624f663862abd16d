import type { Database } from "./database.ts";

/** PgType is a type of the database. */
export interface PgType {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** kind is pg_type.typtype: b base, c composite, d domain, e enum, p pseudo, r range, m multirange. */
  readonly kind: string;
  /** element is the type of the elements of an array, 0 for what is none. */
  readonly element: number;
  /** base is what a domain is over, 0 for what is none. */
  readonly base: number;
  /** bound is the type of a range's or multirange's bounds, 0 for what is none. */
  readonly bound: number;
  /** labels are those of an enum, in its order. */
  readonly labels: readonly string[];
  /** attributes are those of a composite type, in its order; a table's rows are one too. */
  readonly attributes: readonly Attribute[];
}

/** Attribute is a field of a composite type. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
}

/** Relation is a table or view. */
export interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** visible says that it is found without its schema. */
  readonly visible: boolean;
  /** columns are in the order of the table; those that were dropped are left out. */
  readonly columns: readonly RelationColumn[];
}

/** RelationColumn is a column of a table or view. */
export interface RelationColumn {
  readonly name: string;
  /** number is pg_attribute.attnum. */
  readonly number: number;
  readonly type: number;
  readonly notNull: boolean;
  /** fullArray says that a check constraint, array_position(c, null) is null, keeps nulls out of the array. */
  readonly fullArray: boolean;
}

// What PostgreSQL brings along; a query may use it all the same, and then its columns may be null.
const SYSTEM = "'{pg_catalog,information_schema,pg_toast}'";

const TYPES = `
select t.oid::int4 as oid, n.nspname as schema, t.typname as name, t.typtype as kind, t.typbasetype::int4 as base,
  case when t.typinput = 'array_in'::regproc then t.typelem::int4 else 0 end as element,
  coalesce((select rngsubtype::int4 from pg_range r where t.oid in (r.rngtypid, r.rngmultitypid)), 0) as bound,
  coalesce((select json_agg(enumlabel order by enumsortorder) from pg_enum e where e.enumtypid = t.oid), '[]') as labels,
  coalesce((select json_agg(json_build_object('name', attname, 'type', atttypid::int4) order by attnum)
    from pg_attribute a where t.typtype = 'c' and n.nspname <> all(${SYSTEM}) and a.attrelid = t.typrelid
      and attnum > 0 and not attisdropped), '[]') as attributes
from pg_type t join pg_namespace n on n.oid = t.typnamespace`;

const RELATIONS = `
select c.oid::int4 as oid, n.nspname as schema, c.relname as name, pg_table_is_visible(c.oid) as visible,
  json_agg(json_build_object('name', a.attname, 'number', a.attnum, 'type', a.atttypid::int4,
    'notNull', a.attnotnull or (t.typtype = 'd' and t.typnotnull),
    'fullArray', exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and k.convalidated
      and pg_get_constraintdef(k.oid) ilike '%(array_position(' || quote_ident(a.attname) || ', NULL::%) IS NULL)%')) order by a.attnum) as columns
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname <> all(${SYSTEM})
group by c.oid, n.nspname, c.relname`;

/** Catalog is what a database holds. */
export class Catalog {
  readonly types: ReadonlyMap<number, PgType>;
  readonly relations: ReadonlyMap<number, Relation>;

  constructor(types: readonly PgType[], relations: readonly Relation[]) {
    this.types = new Map(types.map((type) => [type.oid, type]));
    this.relations = new Map(relations.map((relation) => [relation.oid, relation]));
  }

  /** load reads it from a database. */
  static async load(database: Database): Promise<Catalog> {
    return new Catalog(await database.rows<PgType>(TYPES), await database.rows<Relation>(RELATIONS));
  }

  /** relation finds a table or view as a statement names it. */
  relation(name: string, schema?: string): Relation | undefined {
    for (const relation of this.relations.values()) {
      if (relation.name === name && (schema === undefined ? relation.visible : relation.schema === schema))
        return relation;
    }
    return undefined;
  }

  /** type is a type that exists. */
  type(oid: number): PgType {
    const type = this.types.get(oid);
    if (type === undefined) throw new Error(`no type has the oid ${oid}`);
    return type;
  }

  /** typeName is the name of a type, or of what a domain is over: with its schema if that is not pg_catalog. */
  typeName(oid: number): string {
    const { schema, name } = this.baseOf(oid);
    return schema === "pg_catalog" ? name : `${schema}.${name}`;
  }

  /** baseOf is a type without the domains around it. */
  baseOf(oid: number): PgType {
    const type = this.type(oid);
    return type.base === 0 ? type : this.baseOf(type.base);
  }
}
