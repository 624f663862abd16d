/**
 * Catalog is what the analysis knows of a database: plain data, read by readCatalog and fit for JSON. Names are as
 * PostgreSQL stores them; a type is pg_type.typname, with its schema before a dot when that is not pg_catalog, and a
 * domain stands as the type below it.
 */
export interface Catalog {
  /** searchPath is where a relation without a schema is looked for, in this order. */
  readonly searchPath: readonly string[];
  readonly relations: readonly CatalogRelation[];
  /** functions are those outside of pg_catalog, and those of pg_catalog that give named columns. */
  readonly functions: readonly CatalogFunction[];
  /** operators are those outside of pg_catalog: they may return null for what they like. */
  readonly operators: readonly CatalogOperator[];
  /** casts are the types, without their schemas, that a function outside of pg_catalog casts to. */
  readonly casts: readonly string[];
  /** domains says which type is below a domain, by the domain's name without its schema; "" when there are several. */
  readonly domains: Readonly<Record<string, string>>;
}

/** CatalogRelation is a table, a view, or what else can stand in FROM. */
export interface CatalogRelation {
  readonly schema: string;
  readonly name: string;
  /** table says that its NOT NULL constraints hold for what is written too; a view's claims are about its rows alone. */
  readonly table: boolean;
  readonly columns: readonly CatalogColumn[];
}

/** CatalogColumn is a column of a relation or of a function's result. */
export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
}

/** CatalogFunction is a function as FROM sees it. */
export interface CatalogFunction {
  readonly schema: string;
  readonly name: string;
  /** columns are those of its rows; null for a function that gives one value without a name. */
  readonly columns: readonly CatalogColumn[] | null;
}

/** CatalogOperator is an operator by its name and its operands' types; `left` of a prefix operator is "". */
export interface CatalogOperator {
  readonly name: string;
  readonly left: string;
  readonly right: string;
}

/** findRelation finds a relation as a query names it. */
export function findRelation(catalog: Catalog, name: string, schema?: string): CatalogRelation | undefined {
  for (const each of schema === undefined ? catalog.searchPath : [schema]) {
    const found = catalog.relations.find((relation) => relation.name === name && relation.schema === each);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** isShadowed says whether a function of pg_catalog has a namesake elsewhere, which a call may mean. */
export function isShadowed(catalog: Catalog, name: string): boolean {
  return catalog.functions.some((each) => each.name === name && each.schema !== "pg_catalog");
}
