export type { Catalog, CatalogColumn, CatalogFunction, CatalogOperator, CatalogRelation } from "./catalog.ts";
export { type ResultColumn, columnsOf } from "./columns.ts";
export { type Rows, readCatalog } from "./read-catalog.ts";
export type { Parameter } from "./scope.ts";
