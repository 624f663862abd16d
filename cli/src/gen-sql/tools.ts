import type { Catalog as Constraints } from "../nullability/index.ts";
import type { Catalog } from "./catalog.ts";
import type { Database } from "./database.ts";
import type { Parser } from "./parser.ts";
import type { TypeMap } from "./type-map.ts";

/** Tools is what queries are analyzed with. */
export interface Tools {
  readonly database: Database;
  readonly catalog: Catalog;
  /** constraints is the catalog as the question sees it what may be null. */
  readonly constraints: Constraints;
  readonly types: TypeMap;
  readonly parse: Parser;
}
