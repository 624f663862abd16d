import type { Ast } from "./ast.ts";
import type { Relation } from "./catalog.ts";
import type { Query } from "./query-file.ts";
import type { Statement } from "./statement.ts";
import type { Read, Write } from "./type-map.ts";

/** Model is all that is known of a query when its function is written. */
export interface Model {
  readonly query: Query;
  readonly statement: Statement;
  readonly ast: Ast;
  readonly arguments: readonly Argument[];
  /** items are the fields of a row; empty: the statement returns none, or nobody wants them. */
  readonly items: readonly Item[];
  /** copy is where :copyfrom copies to. */
  readonly copy: Copy | undefined;
}

/** Argument is a field of what the function takes. */
export interface Argument {
  readonly key: string;
  readonly write: Write;
  readonly nullable: boolean;
}

/** Item is a field of a row: a column, or an embedded table. */
export type Item = Column | EmbeddedTable;

/** Column is a value of a row. */
export interface Column {
  readonly kind: "column";
  readonly key: string;
  readonly read: Read;
  readonly nullable: boolean;
}

/** EmbeddedTable is a row within the row. */
export interface EmbeddedTable {
  readonly kind: "embed";
  readonly key: string;
  /** type is the interface of the table's rows. */
  readonly type: string;
  readonly relation: Relation;
  /** nullable says that an outer join may leave it out. */
  readonly nullable: boolean;
  /** prefix stands before the keys of the columns as the driver gives them: "users." */
  readonly prefix: string;
  /** columns are those of the table. */
  readonly columns: readonly Column[];
}

/** Copy is the target of :copyfrom. */
export interface Copy {
  /** table is its name, after that of its schema if it has to be told. */
  readonly table: string | readonly [schema: string, name: string];
  readonly columns: readonly string[];
}
