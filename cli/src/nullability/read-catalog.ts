import { parse } from "libpg-query";
import type { Catalog, CatalogColumn, CatalogRelation } from "./catalog.ts";
import { CATALOG_QUERY } from "./catalog-query.ts";
import { columnsOf } from "./columns.ts";

/** Rows runs a query and gives its rows. */
export type Rows = (text: string) => Promise<readonly object[]>;

interface Relation extends CatalogRelation {
  /** view is a view's query. */
  readonly view: string | null;
  /** stored says that its rows are older than the catalog. */
  readonly stored: boolean;
}

type Document = Omit<Catalog, "relations"> & { readonly relations: readonly Relation[] };

/**
 * readCatalog reads a database's catalog, in one query; system catalogs are not in it. What a view's columns can be
 * comes from its own query. A materialized view may be older than the constraints of the tables that it was made of, so
 * none of them counts there.
 */
export async function readCatalog(rows: Rows): Promise<Catalog> {
  const [row] = (await rows(CATALOG_QUERY)) as readonly { readonly catalog: string }[];
  const { relations, ...rest } = withoutDomains(JSON.parse(row!.catalog) as Document);
  let catalog: Catalog = { ...rest, relations: relations.map(plain) };
  const bare: Catalog = { ...rest, relations: catalog.relations.map(withoutClaims) };
  const views = await Promise.all(relations.map(parseView));
  // Views stand on views, in any order: each round sees what the one before found, until there is nothing new.
  for (let found = true; found;) {
    found = false;
    const next = catalog.relations.map((relation, i) => {
      const { view, stored } = { view: views[i], stored: relations[i]!.stored };
      const columns = view === undefined ? undefined : columnsOf(view, stored ? bare : catalog);
      if (columns?.length !== relation.columns.length) return relation;
      const known = relation.columns.map((column, i) => ({ ...column, notNull: columns[i]!.notNull }));
      if (known.some((column, i) => column.notNull !== relation.columns[i]!.notNull)) found = true;
      return { ...relation, columns: known };
    });
    catalog = { ...rest, relations: next };
  }
  return catalog;
}

// Each type becomes the one below it, and the names of domains lose their schemas.
function withoutDomains(document: Document): Document {
  const below = (type: string): string => (type in document.domains ? below(document.domains[type]!) : type);
  const plain = <T extends CatalogColumn>(column: T): T => ({ ...column, type: below(column.type) });
  const domains: Record<string, string> = {};
  for (const name of Object.keys(document.domains)) {
    const bare = name.split(".").at(-1)!;
    domains[bare] = bare in domains && domains[bare] !== below(name) ? "" : below(name);
  }
  return {
    ...document,
    relations: document.relations.map((each) => ({ ...each, columns: each.columns.map(plain) })),
    functions: document.functions.map((each) => ({ ...each, columns: each.columns?.map(plain) ?? null })),
    domains,
  };
}

// What this parser does not know, being of another version, stays a relation whose columns may be null.
async function parseView({ view }: Relation) {
  if (view === null) return undefined;
  try {
    return (await parse(view)).stmts?.[0]?.stmt;
  } catch {
    return undefined;
  }
}

function plain({ schema, name, table, columns }: Relation): CatalogRelation {
  return { schema, name, table, columns };
}

function withoutClaims(relation: CatalogRelation): CatalogRelation {
  return { ...relation, columns: relation.columns.map((column) => ({ ...column, notNull: false })) };
}
