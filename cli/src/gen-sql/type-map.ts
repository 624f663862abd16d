import type { Catalog, PgType, Relation, RelationColumn } from "./catalog.ts";
import { pascalCase } from "./names.ts";
import type { Override, Overrides } from "./overrides.ts";

/** Import is a name from another module. */
export interface Import {
  readonly name: string;
  readonly from: string;
  /** type says that it is a type: the import disappears when the types are stripped. */
  readonly type: boolean;
}

/** Read is how a value of a row is typed, without its null. */
export interface Read {
  readonly type: string;
  readonly imports: readonly Import[];
  /** wire is what the driver gives. */
  readonly wire: string;
  readonly wireImports: readonly Import[];
  /** parse is the function that makes the value of it; undefined: they are the same. */
  readonly parse: string | undefined;
}

/** Write is how an argument is typed, without its null. */
export interface Write {
  readonly type: string;
  /** format is the expression that is sent for the expression of a value that is not null; undefined: the value itself. */
  readonly format: ((value: string) => string) | undefined;
  readonly imports: readonly Import[];
}

/** Origin is the column of a table that a value comes from or goes to. */
export interface Origin {
  readonly relation: Relation;
  readonly column: RelationColumn;
}

/** SCHEMA_FILE holds what the files of queries share: enums, and the rows of embedded tables. */
export const SCHEMA_FILE = "schema.ts";

// What the driver gives and takes, by pg_type.typname; what is not here, and is no array, range or composite, is text. It
// follows the driver's own table, millrace/src/sql/postgres/types.ts: a test holds the two against each other.
const READ: Readonly<Record<string, string>> = {
  bool: "boolean",
  bytea: "Buffer",
  int8: "bigint",
  int2: "number",
  int4: "number",
  oid: "number",
  json: "unknown",
  jsonb: "unknown",
  float4: "number",
  float8: "number",
  timestamptz: "Date",
};
const WRITE: Readonly<Record<string, string>> = { ...READ, bytea: "Uint8Array", int8: "bigint | number" };

const DRIVER = "millrace/sql/postgres";

/** TypeMap says how the types of a database are written in TypeScript. */
export class TypeMap {
  readonly #catalog: Catalog;
  readonly #overrides: Overrides;

  constructor(catalog: Catalog, overrides: Overrides) {
    this.#catalog = catalog;
    this.#overrides = overrides;
  }

  /** read is the type of a column of a result; the wire says nothing of domains, its origin does. */
  read(oid: number, origin: Origin | undefined): Read {
    const override = this.#override(oid, origin);
    const type = this.#catalog.baseOf(oid);
    const plain = this.#plain(type, "read", origin?.column.fullArray === true);
    const { type: wire, imports: wireImports } = plain;
    if (override === undefined) return { ...plain, wire, wireImports, parse: undefined };
    const [named, parse] = importsOf(override, override.parse);
    if (parse === undefined)
      return { type: override.type, imports: named, wire: override.type, wireImports: named, parse };
    return { type: override.type, imports: named, wire, wireImports: [...wireImports, parse], parse: parse.name };
  }

  /** write is the type of an argument; a slice is an array that holds no null, as an array column may be. */
  write(oid: number, origin: Origin | undefined, slice: boolean): Write {
    const type = this.#catalog.baseOf(oid);
    const override = this.#override(oid, this.#sameType(origin, type));
    if (override !== undefined) return overridden(override, isJson(type) ? stringify : undefined);

    const element = type.element === 0 ? undefined : this.#catalog.baseOf(type.element);
    if (element !== undefined) {
      // In "total = any(@totals)" the column is of the elements' type.
      const each =
        this.#override(type.element, this.#sameType(origin, element)) ?? (isJson(element) ? JSON_TYPE : undefined);
      if (each !== undefined) return arrayOf(overridden(each, isJson(element) ? stringify : undefined));
    }
    if (isJson(type)) return overridden(JSON_TYPE, stringify);
    const plain = this.#plain(type, "write", slice || origin?.column.fullArray === true);
    return { ...plain, format: undefined };
  }

  /** nameOf is the interface or union that a table or enum becomes. */
  nameOf(schema: string, name: string): string {
    return pascalCase(schema === "public" ? name : `${schema}_${name}`);
  }

  #plain(type: PgType, side: "read" | "write", fullArray: boolean): Plain {
    if (type.element !== 0) return this.#array(type, side, fullArray);
    if (type.kind === "e" || (type.kind === "c" && side === "read"))
      return this.#shared(this.nameOf(type.schema, type.name));
    if (type.kind === "c") return { type: "Composite", imports: [{ name: "Composite", from: DRIVER, type: true }] };
    if (type.bound !== 0) {
      const bound = this.#plain(this.#catalog.baseOf(type.bound), side, false);
      const name = type.kind === "m" ? "Multirange" : "Range";
      return { type: `${name}<${bound.type}>`, imports: [...bound.imports, { name, from: DRIVER, type: true }] };
    }
    return { type: (side === "read" ? READ : WRITE)[type.name] ?? "string", imports: [] };
  }

  #array(type: PgType, side: "read" | "write", full: boolean): Plain {
    const element = this.#plain(this.#catalog.baseOf(type.element), side, false);
    const union = full || element.type === "unknown" ? element.type : `${element.type} | null`;
    const array = `${union.includes(" ") ? `(${union})` : union}[]`;
    return { type: side === "read" ? array : `readonly ${array}`, imports: element.imports };
  }

  #shared(name: string): Plain {
    return { type: name, imports: [{ name, from: `./${SCHEMA_FILE}`, type: true }] };
  }

  // An argument with a cast may be of another type than the column that it is stored in or compared with.
  #sameType(origin: Origin | undefined, type: PgType): Origin | undefined {
    return origin !== undefined && this.#catalog.baseOf(origin.column.type).oid === type.oid ? origin : undefined;
  }

  // The wire and the operators know nothing of domains, the column does.
  #override(oid: number, origin: Origin | undefined): Override | undefined {
    const { columns, types } = this.#overrides;
    if (origin !== undefined) {
      const { relation, column } = origin;
      const name = `${relation.name}.${column.name}`;
      const found = columns[`${relation.schema}.${name}`] ?? (relation.visible ? columns[name] : undefined);
      if (found !== undefined) return found;
    }
    for (let type = this.#catalog.type(origin?.column.type ?? oid); ; type = this.#catalog.type(type.base)) {
      const found = types[type.name];
      if (found !== undefined || type.base === 0) return found;
    }
  }
}

interface Plain {
  readonly type: string;
  readonly imports: readonly Import[];
}

const JSON_TYPE: Override = { type: "unknown" };

function isJson({ name }: PgType): boolean {
  return name === "json" || name === "jsonb";
}

function stringify(value: string): string {
  return `JSON.stringify(${value})`;
}

function overridden(override: Override, otherwise: Write["format"]): Write {
  const { type, format } = override;
  const call = format === undefined ? otherwise : (value: string): string => `${format}(${value})`;
  return { type, format: call, imports: importsOf(override, format).flat() };
}

function arrayOf({ type, format, imports }: Write): Write {
  const array = `readonly ${/\W/.test(type) ? `(${type})` : type}[]`;
  return { type: array, format: format && ((value) => `${value}.map((each) => ${format("each")})`), imports };
}

// What the type needs, and the function if there is one.
function importsOf({ type, from }: Override, fn: string | undefined): [Import[]] | [Import[], Import] {
  if (from === undefined) return [[]];
  // The name that the module exports: Money of "readonly Money[]".
  const name = /[A-Za-z_$][\w$]*(?=\W*$)/.exec(type)?.[0] ?? type;
  const named: Import[] = [{ name, from, type: true }];
  return fn === undefined ? [named] : [named, { name: fn, from, type: false }];
}
