import { NUMBERS, TEXTS } from "./types.ts";

// What is known of the functions and operators of pg_catalog, by name: it holds for every overload of PostgreSQL 13 to
// 18. functions.test.ts calls them all with the values that are known to be awkward, and asks pg_proc for strictness.
// What is not listed may be null. Strict alone says nothing: to_char of infinity, scale of NaN, lower of a range
// without a bound, regexp_match without a match, array_length of '{}' are all null.

const words = (text: string): string[] => text.split(" ");

/** STRICT are never null unless an argument is, and then always; by the type of the result, "same" as the first's. */
const STRICT: Readonly<Record<string, readonly string[]>> = {
  text: words(
    "btrim ltrim rtrim initcap repeat reverse rpad lpad replace translate left right overlay substr split_part md5 chr " +
      "quote_ident quote_literal encode convert_from regexp_replace to_hex normalize json_typeof jsonb_typeof " +
      "jsonb_pretty ts_headline like_escape similar_to_escape",
  ),
  int4: words(
    "length char_length character_length octet_length bit_length ascii strpos position cardinality json_array_length " +
      "jsonb_array_length regexp_count regexp_instr",
  ),
  numeric: words(
    "ceil ceiling floor sqrt cbrt exp ln log log10 power pow div gcd lcm factorial degrees radians sin cos tan cot " +
      "asin acos atan atan2 sinh cosh tanh asinh acosh atanh width_bucket random_normal bit_count get_byte get_bit " +
      "nextval currval setval ts_rank ts_rank_cd hashtext",
  ),
  same: words("abs round trunc sign mod trim_scale setweight array_reverse array_sort trim_array"),
  timestamp: words(
    "date_bin make_date make_timestamp make_timestamptz make_time make_interval to_date to_timestamp timezone " +
      "justify_days justify_hours justify_interval date_trunc age",
  ),
  bool: words(
    "starts_with isfinite regexp_like isempty lower_inc upper_inc lower_inf upper_inf jsonb_exists jsonb_contains " +
      "jsonb_contained",
  ),
  json: words("to_json row_to_json array_to_json json_strip_nulls json_object"),
  jsonb: words("to_jsonb jsonb_set jsonb_insert jsonb_strip_nulls jsonb_object"),
  bytea: words("decode sha224 sha256 sha384 sha512 convert_to set_byte"),
  tsvector: words("to_tsvector"),
  tsquery: words("plainto_tsquery to_tsquery websearch_to_tsquery phraseto_tsquery"),
  array: words("regexp_split_to_array"),
};

/** TOTAL are not null when no argument is, but say nothing of their arguments when they are not null. */
const TOTAL: Readonly<Record<string, readonly string[]>> = {
  text: words("array_to_string"),
  array: words(
    "string_to_array array_append array_prepend array_cat array_remove array_replace array_positions array_fill",
  ),
};

/** ALWAYS are never null, whatever their arguments are, when they are not given as one VARIADIC array. */
const ALWAYS: Readonly<Record<string, readonly string[]>> = {
  text: words("concat quote_nullable version current_database timeofday"),
  int4: words("num_nulls num_nonnulls pg_backend_pid"),
  numeric: words("random pi lastval txid_current"),
  timestamp: words("now transaction_timestamp statement_timestamp clock_timestamp"),
  json: words("json_build_object json_build_array"),
  jsonb: words("jsonb_build_object jsonb_build_array"),
  uuid: words("gen_random_uuid uuidv4 uuidv7"),
  regtype: words("pg_typeof"),
  int4range: words("int4range"),
  int8range: words("int8range"),
  numrange: words("numrange"),
  tsrange: words("tsrange"),
  tstzrange: words("tstzrange"),
  daterange: words("daterange"),
};

/** FIRST are not null when the first argument is not. */
const FIRST: Readonly<Record<string, readonly string[]>> = { text: words("concat_ws format") };

/** MAYBE are strict, and may be null all the same. */
const MAYBE: Readonly<Record<string, readonly string[]>> = {
  text: words(
    "lower upper substring to_char regexp_substr json_extract_path_text jsonb_extract_path_text json_object_field_text",
  ),
  numeric: words("date_part extract to_number scale min_scale array_length array_upper array_lower array_ndims"),
  array: words("regexp_match"),
  jsonb: words("jsonb_extract_path"),
  json: words("json_extract_path"),
};

/** FunctionKind says when a function is null: see the lists of functions.ts. */
export type FunctionKind = "strict" | "total" | "always" | "first" | "maybe";

/** FUNCTIONS are the functions of pg_catalog that the analysis knows. */
export const FUNCTIONS: ReadonlyMap<string, { readonly kind: FunctionKind; readonly type: string }> = new Map(
  Object.entries({ strict: STRICT, total: TOTAL, always: ALWAYS, first: FIRST, maybe: MAYBE }).flatMap(
    ([kind, lists]) =>
      Object.entries(lists).flatMap(([type, names]) =>
        names.map((name) => [name, { kind: kind as FunctionKind, type }] as const),
      ),
  ),
);

/** isTotalHere says of a "maybe" function that arguments of these types, or this field, leave it no way to be null. */
export function isTotalHere(
  name: string,
  types: readonly (string | undefined)[],
  literal: string | undefined,
): boolean {
  const [first = "", second = ""] = types;
  switch (name) {
    case "lower":
    case "upper":
      return TEXTS.has(first);
    case "substring":
      // The others match a pattern.
      return NUMBERS.has(second);
    case "to_char":
      return NUMBERS.has(first);
    case "extract":
    case "date_part":
      // Of infinity the other fields are null.
      return /^(epoch|year|decade|century|millennium|isoyear|julian)$/i.test(literal ?? "");
    default:
      return false;
  }
}

/** STRICT_OPERATORS are null when an operand is; OPERATORS of them not otherwise. */
export const STRICT_OPERATORS: ReadonlySet<string> = new Set(
  words("= <> < > <= >= + - * / % ^ ~~ !~~ ~~* !~~* ~ !~ ~* !~* @> <@ && ? ?| ?& << >> & -> ->> #> #>> ^@ @@"),
);

/** OPERATORS are never null when no operand is, apart from what isTotalOperator says. */
export const OPERATORS: ReadonlySet<string> = new Set(
  words("= <> < > <= >= + - * / % ^ ~~ !~~ ~~* !~~* ~ !~ ~* !~* @> <@ && ? ?| ?& << >> & || ^@"),
);

/** COMPARISONS are the operators that give a boolean. */
export const COMPARISONS: ReadonlySet<string> = new Set(
  words("= <> < > <= >= ~~ !~~ ~~* !~~* ~ !~ ~* !~* @> <@ && ? ?| ?& ^@ @@"),
);

/** AGGREGATES are null over no rows; otherwise "value" is not null when its argument is not, "rows" never. */
export const AGGREGATES: ReadonlyMap<string, { readonly kind: "count" | "rows" | "value"; readonly type: string }> =
  new Map(
    (
      [
        ["count", "int8", "count regr_count"],
        ["rows", "array", "array_agg"],
        ["rows", "json", "json_agg json_object_agg"],
        ["rows", "jsonb", "jsonb_agg jsonb_object_agg"],
        ["value", "same", "min max bit_and bit_or bit_xor any_value"],
        ["value", "sum", "sum avg stddev_pop var_pop"],
        ["value", "bool", "bool_and bool_or every"],
        ["value", "text", "string_agg"],
      ] as const
    ).flatMap(([kind, type, names]) => words(names).map((name) => [name, { kind, type }] as const)),
  );

/** WINDOWS are never null; what is not here, like lag, may be. */
export const WINDOWS: ReadonlySet<string> = new Set(words("row_number rank dense_rank percent_rank cume_dist"));

/** ROW_FUNCTIONS are functions of pg_catalog that return rows: their columns, and which are not null. */
export const ROW_FUNCTIONS: ReadonlyMap<string, { readonly type: string | undefined; readonly notNull: boolean }> =
  new Map([
    ["generate_series", { type: "same", notNull: true }],
    ["generate_subscripts", { type: "int4", notNull: true }],
    ["regexp_split_to_table", { type: "text", notNull: true }],
    ["regexp_matches", { type: "array", notNull: true }],
    ["json_object_keys", { type: "text", notNull: true }],
    ["jsonb_object_keys", { type: "text", notNull: true }],
    ["jsonb_path_query", { type: "jsonb", notNull: true }],
    ["unnest", { type: undefined, notNull: false }],
  ]);

/** ROW_COLUMNS are the columns that are never null of functions of pg_catalog whose rows have names. */
export const ROW_COLUMNS: ReadonlyMap<string, readonly string[]> = new Map([
  ["json_each", ["key", "value"]],
  ["jsonb_each", ["key", "value"]],
  ["json_each_text", ["key"]],
  ["jsonb_each_text", ["key"]],
  ["json_array_elements", ["value"]],
  ["jsonb_array_elements", ["value"]],
]);
