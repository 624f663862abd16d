import type { Row } from "../driver.ts";
import { SqlFailure } from "../failure.ts";
import type { Parse } from "./array.ts";
import { parserOf } from "./types.ts";

/** Column is what of a field of RowDescription is used here. @internal */
export interface Column {
  readonly name: string;
  readonly dataTypeID: number;
}

/** Shape is how the rows of one result become objects; it is made once and kept with a prepared statement. @internal */
export class Shape {
  readonly #keys: readonly string[];
  readonly #parsers: readonly Parse[];
  // All keys in order, to be copied: rows then share one hidden class, and a key "__proto__" is an ordinary one.
  readonly #empty: Row;

  constructor(columns: readonly Column[]) {
    const keys = columns.map((column) => camelCase(column.name));
    const twice = keys.find((key, i) => keys.indexOf(key) !== i);
    if (twice !== undefined) {
      throw new SqlFailure(`sql: two columns of the result would both be "${twice}": name one with AS`, {
        code: "internal",
        reason: "sql/duplicate_column",
      });
    }
    this.#keys = keys;
    this.#parsers = columns.map((column) => parserOf(column.dataTypeID));
    this.#empty = Object.fromEntries(keys.map((key) => [key, null]));
  }

  row(fields: readonly (string | null)[]): Row {
    const row = { ...this.#empty };
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i];
      // As many keys and parsers as fields.
      if (field !== null && field !== undefined) row[this.#keys[i]!] = this.#parsers[i]!(field);
    }
    return row;
  }

  /** read is row for the body of a DataRow message: int16 count, and for each field int32 length, -1 for null, and text. */
  read(bytes: Buffer, start: number): Row {
    const row = { ...this.#empty };
    let at = start + 2;
    for (let i = 0; i < this.#keys.length; i++) {
      const length = bytes.readInt32BE(at);
      at += 4;
      if (length < 0) continue;
      row[this.#keys[i]!] = this.#parsers[i]!(bytes.toString("utf8", at, at + length));
      at += length;
    }
    return row;
  }
}

/** camelCase turns user_id into userId; leading and trailing underscores and capitals stay. @internal */
export function camelCase(name: string): string {
  return name.replace(/(?<=[^_])_+([a-z0-9])/g, (_, c: string) => c.toUpperCase());
}
