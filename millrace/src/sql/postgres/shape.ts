import type { Row } from "../driver.ts";
import { SqlFailure } from "../failure.ts";
import type { Parse } from "./array.ts";
import { camelCase } from "./camel-case.ts";
import type { ColumnOrigin } from "./json-columns.ts";
import type { Types } from "./types.ts";

/** Column is what of a field of RowDescription is used here. @internal */
export interface Column extends ColumnOrigin {
  readonly name: string;
}

/** Shape is how the rows of one result become objects; it is made once and kept with a prepared statement. @internal */
export class Shape {
  /** unknown are the columns that come as text until `learned`, their types being looked up meanwhile. */
  readonly unknown: readonly Column[];
  readonly #columns: readonly Column[];
  readonly #types: Types;
  readonly #keys: readonly string[];
  readonly #parsers: readonly Parse[];
  // All keys in order, to be copied: rows then share one hidden class, and a key "__proto__" is an ordinary one.
  readonly #empty: Row;

  constructor(columns: readonly Column[], types: Types) {
    const keys = columns.map((column) => camelCase(column.name));
    const twice = keys.find((key, i) => keys.indexOf(key) !== i);
    if (twice !== undefined) {
      throw new SqlFailure(`sql: two columns of the result would both be "${twice}": name one with AS`, {
        code: "internal",
        reason: "sql/duplicate_column",
      });
    }
    this.#keys = keys;
    const parsers = columns.map((column) => types.parserOf(column));
    this.unknown = columns.filter((_, i) => parsers[i] === undefined);
    this.#columns = columns;
    this.#types = types;
    this.#parsers = parsers.map((parse) => parse ?? text);
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

  /** learned is the shape with the types that were looked up; in rows that it made before, their columns are read now. */
  learned(rows: readonly Row[]): Shape {
    const shape = new Shape(this.#columns, this.#types);
    const late = this.unknown.map((column) => this.#columns.indexOf(column));
    for (const row of rows) {
      for (const i of late) {
        const key = this.#keys[i]!;
        const field = row[key];
        if (typeof field === "string") row[key] = shape.#parsers[i]!(field);
      }
    }
    return shape;
  }
}

const text: Parse = (value) => value;
