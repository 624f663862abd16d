import type { Formats } from "./args.ts";
import { type Parse, parseArray } from "./array.ts";
import { type Ask, parserFor, readTypes } from "./catalog.ts";
import { type ColumnOrigin, JsonColumns } from "./json-columns.ts";
import { parseMultirange, parseRange } from "./range.ts";
import { temporalParsers } from "./temporal.ts";
import { parseTimestamptz } from "./time.ts";
import type { TypeOptions } from "./type-options.ts";
import { unreadable } from "./unreadable.ts";

const text: Parse = (value) => value;

// Element types by oid, with the oid of their array, from pg_type.dat. Of what is in no list here the catalog tells.
// A timestamp without a zone names no instant, so it is no Date.
// Source: https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat
const ELEMENTS: readonly (readonly [oid: number, arrayOid: number, parse: Parse])[] = [
  [16, 1000, (value) => value === "t"], // bool
  [17, 1001, parseBytea],
  [20, 1016, (value) => BigInt(value)], // int8
  [21, 1005, Number], // int2
  [23, 1007, Number], // int4
  [26, 1028, Number], // oid
  [114, 199, (value) => JSON.parse(value)], // json
  [700, 1021, Number], // float4
  [701, 1022, Number], // float8
  [1184, 1185, parseTimestamptz],
  [3802, 3807, (value) => JSON.parse(value)], // jsonb
];

// "char", name, int2vector, regproc, text, tid, xid, cid, oidvector; xml; point, lseg, path, box, polygon, line, cidr,
// circle, macaddr8, money, macaddr, inet, aclitem; bpchar, varchar; date, time, timestamp, interval, timetz, bit, varbit,
// numeric, refcursor, regprocedure, regoper, regoperator, regclass, regtype, record, cstring, uuid, txid_snapshot, pg_lsn,
// tsvector, tsquery, gtsvector, regconfig, regdictionary, jsonpath, regnamespace, regrole, regcollation, pg_snapshot, xid8:
// each oid with that of its array.
const TEXTS = [
  18, 1002, 19, 1003, 22, 1006, 24, 1008, 25, 1009, 27, 1010, 28, 1011, 29, 1012, 30, 1013, 142, 143, 600, 1017, 601,
  1018, 602, 1019, 603, 1020, 604, 1027, 628, 629, 650, 651, 718, 719, 774, 775, 790, 791, 829, 1040, 869, 1041, 1033,
  1034, 1042, 1014, 1043, 1015, 1082, 1182, 1083, 1183, 1114, 1115, 1186, 1187, 1266, 1270, 1560, 1561, 1562, 1563,
  1700, 1231, 1790, 2201, 2202, 2207, 2203, 2208, 2204, 2209, 2205, 2210, 2206, 2211, 2249, 2287, 2275, 1263, 2950,
  2951, 2970, 2949, 3220, 3221, 3614, 3643, 3615, 3645, 3642, 3644, 3734, 3735, 3769, 3770, 4072, 4073, 4089, 4090,
  4096, 4097, 4191, 4192, 5038, 5039, 5069, 271,
];

// unknown, void: scalars without an array.
const BARE = [705, 2278];
// The one type whose array is not separated by commas.
const BOX = 603;

// int4range, numrange, tsrange, tstzrange, daterange, int8range
const RANGES: readonly (readonly [oid: number, array: number, multirange: number, its: number, of: number])[] = [
  [3904, 3905, 4451, 6150, 23],
  [3906, 3907, 4532, 6151, 1700],
  [3908, 3909, 4533, 6152, 1114],
  [3910, 3911, 4534, 6153, 1184],
  [3912, 3913, 4535, 6155, 1082],
  [3926, 3927, 4536, 6157, 20],
];

/**
 * Types is how the values of one pool are read: PostgreSQL's own types from a table, those of the database as its catalog
 * says, asked for when a column of one is first seen. @internal
 */
export class Types implements Formats {
  readonly #parsers: Map<number, Parse>;
  readonly #json: JsonColumns | undefined;
  readonly #numeric: TypeOptions["numeric"];

  constructor(options: TypeOptions = {}) {
    this.#numeric = options.numeric;
    this.#parsers = knownParsers(overrides(options));
    this.#json = options.json === undefined ? undefined : new JsonColumns(options.json);
  }

  /** format writes a value that a codec of the options is for. */
  format(value: object): string | undefined {
    return this.#numeric?.is(value) === true ? this.#numeric.format(value) : undefined;
  }

  /** parserOf is how a column is read; undefined: learn first. */
  parserOf(column: ColumnOrigin): Parse | undefined {
    if (this.#json?.covers(column) === true) return this.#json.parserOf(column);
    return this.#parsers.get(column.dataTypeID);
  }

  /** learn asks the catalog for what parserOf does not know. */
  async learn(columns: readonly ColumnOrigin[], ask: Ask): Promise<void> {
    await this.#json?.learn(columns, ask);
    const unknown = new Set(columns.map((column) => column.dataTypeID).filter((oid) => !this.#parsers.has(oid)));
    if (unknown.size === 0) return;
    const parserOf = (oid: number): Parse => this.#parsers.get(oid) ?? text;
    for (const type of await readTypes(ask, [...unknown])) {
      if (!this.#parsers.has(type.oid)) this.#parsers.set(type.oid, parserFor(type, parserOf));
    }
    // Dropped meanwhile.
    for (const oid of unknown) if (!this.#parsers.has(oid)) this.#parsers.set(oid, text);
  }
}

function overrides({ int8, numeric, temporal }: TypeOptions): ReadonlyMap<number, Parse> {
  const chosen = new Map<number, Parse>(temporal === undefined ? [] : temporalParsers(temporal));
  if (numeric !== undefined) chosen.set(1700, (value) => numeric.parse(value));
  const readable = [...chosen].map(([oid, parse]): [number, Parse] => [oid, refusing(parse)]);
  if (int8 === "number") readable.push([20, safeInteger]);
  return new Map(readable);
}

function knownParsers(chosen: ReadonlyMap<number, Parse>): Map<number, Parse> {
  const parsers = new Map<number, Parse>(BARE.map((oid) => [oid, text]));
  const elements = [...ELEMENTS];
  for (let i = 0; i < TEXTS.length; i += 2) elements.push([TEXTS[i]!, TEXTS[i + 1]!, text]);
  for (const [oid, arrayOid, standard] of elements) {
    const parse = chosen.get(oid) ?? standard;
    parsers.set(oid, parse);
    const delimiter = oid === BOX ? ";" : ",";
    parsers.set(arrayOid, (value) => parseArray(value, parse, delimiter));
  }
  for (const [oid, array, multirange, its, of] of RANGES) {
    // The elements are in the table above.
    const parse = parsers.get(of)!;
    const range: Parse = (value) => parseRange(value, parse);
    const several: Parse = (value) => parseMultirange(value, parse);
    parsers.set(oid, range).set(multirange, several);
    parsers.set(array, (value) => parseArray(value, range)).set(its, (value) => parseArray(value, several));
  }
  return parsers;
}

// What another's parser throws is an error of the value, and not of the connection that brought it.
function refusing(parse: Parse): Parse {
  return (value) => {
    try {
      return parse(value);
    } catch (err) {
      throw unreadable(`a value cannot be read: ${err instanceof Error ? err.message : String(err)}`, err);
    }
  };
}

function safeInteger(value: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw unreadable("an int8 is beyond the safe integers: read it as bigint");
}

function parseBytea(value: string): Buffer {
  if (value.startsWith("\\x")) return Buffer.from(value.slice(2), "hex");
  // bytea_output = escape: a backslash is doubled, other bytes are \ and three octal digits.
  const raw = value.replace(/\\(\\|[0-7]{3})/g, (_, c: string) =>
    c === "\\" ? c : String.fromCharCode(parseInt(c, 8)),
  );
  return Buffer.from(raw, "latin1");
}
