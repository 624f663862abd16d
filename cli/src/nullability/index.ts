export type { Catalog } from "./catalog.ts";
export { type ResultColumn, columnsOf } from "./columns.ts";
export { readCatalog } from "./read-catalog.ts";
export type { Parameter } from "./scope.ts";
