import { type Parse, parseArray } from "./array.ts";
import { parseTimestamptz } from "./time.ts";

const text: Parse = (value) => value;

// Element types by oid, with the oid of their array, from pg_type.dat. What is not listed stays text: dates and times
// without a zone, numeric, uuid, interval, enums. A timestamp without a zone names no instant, so it is no Date.
// Source: https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat
const TYPES: readonly (readonly [oid: number, arrayOid: number, parse: Parse])[] = [
  [16, 1000, (value) => value === "t"], // bool
  [17, 1001, parseBytea],
  [18, 1002, text], // "char"
  [19, 1003, text], // name
  [20, 1016, BigInt], // int8
  [21, 1005, Number], // int2
  [23, 1007, Number], // int4
  [25, 1009, text],
  [26, 1028, Number], // oid
  [114, 199, JSON.parse], // json
  [700, 1021, Number], // float4
  [701, 1022, Number], // float8
  [790, 791, text], // money
  [829, 1040, text], // macaddr
  [869, 1041, text], // inet
  [650, 651, text], // cidr
  [1042, 1014, text], // bpchar
  [1043, 1015, text], // varchar
  [1082, 1182, text], // date
  [1083, 1183, text], // time
  [1114, 1115, text], // timestamp
  [1184, 1185, parseTimestamptz],
  [1186, 1187, text], // interval
  [1266, 1270, text], // timetz
  [1700, 1231, text], // numeric
  [2950, 2951, text], // uuid
  [3802, 3807, JSON.parse], // jsonb
];

const PARSERS: ReadonlyMap<number, Parse> = new Map(
  TYPES.flatMap(([oid, arrayOid, parse]): [number, Parse][] => [
    [oid, one(parse)],
    [arrayOid, (value) => parseArray(value, one(parse))],
  ]),
);

/** parserOf is how a column of a type becomes a value; a type that is not known stays text. @internal */
export function parserOf(oid: number): Parse {
  return PARSERS.get(oid) ?? text;
}

// JSON.parse would take a second argument.
function one(parse: Parse): Parse {
  return parse === text ? text : (value) => parse(value);
}

function parseBytea(value: string): Buffer {
  if (value.startsWith("\\x")) return Buffer.from(value.slice(2), "hex");
  // bytea_output = escape: a backslash is doubled, other bytes are \ and three octal digits.
  const raw = value.replace(/\\(\\|[0-7]{3})/g, (_, c: string) =>
    c === "\\" ? c : String.fromCharCode(parseInt(c, 8)),
  );
  return Buffer.from(raw, "latin1");
}
