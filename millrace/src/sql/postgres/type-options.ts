import type { StandardSchema } from "../../schema/index.ts";
import type { TemporalTypes } from "./temporal.ts";

/** Codec is how values of one type are read and written. */
export interface Codec<T = unknown> {
  /** parse reads the server's text, also "NaN" and "Infinity"; what it throws becomes "sql/unreadable_value". */
  parse(text: string): T;
  /** is tells the values that format can write. */
  is(value: unknown): value is T;
  /** format writes the value as the server reads it. */
  format(value: T): string;
}

/**
 * TypeOptions chooses how values come from a pool; each choice holds for arrays, ranges and composites of the type too.
 * A value that the chosen type cannot hold is out_of_range ("sql/unreadable_value"): no type depends on a value.
 */
export interface TypeOptions {
  /** int8 is what int8 becomes. Default "bigint"; "number" refuses what is beyond Number.MAX_SAFE_INTEGER. */
  readonly int8?: "bigint" | "number";
  /** numeric is what numeric becomes. Default: its exact text. */
  readonly numeric?: Codec;
  /**
   * temporal makes date a PlainDate, time a PlainTime, timestamp a PlainDateTime, timestamptz an Instant and interval a
   * Duration, of this Temporal: `globalThis.Temporal`, or a polyfill's. infinity is the greatest or least value of the
   * type. An interval of mixed signs, and 24:00:00, are not to be had. Default: timestamptz is a Date, the others text.
   */
  readonly temporal?: TemporalTypes;
  /**
   * json holds a schema for json and jsonb columns, by "table.column" or "schema.table.column": rows have what the schema
   * makes of them. It must not be asynchronous. An expression over a column is no column.
   */
  readonly json?: Readonly<Record<string, StandardSchema>>;
}
