import { Failure } from "../errors/index.ts";
import type { Row } from "./driver.ts";

/**
 * Sql is a statement, or a part of one, with its values apart: `text` holds $1, $2, … and `args` what they stand for.
 * It is made by the tag `sql` alone, so that no string from outside can pose as one. R is what its rows are taken for.
 */
export class Sql<R = Row> {
  // What the rows are is known to the compiler only.
  declare protected readonly row: R;
  // One part more than values: a part, a value, a part, …
  readonly #parts: readonly string[];
  readonly #values: readonly unknown[];
  #text: string | undefined = undefined;

  /** @internal use the tag sql */
  constructor(parts: readonly string[], values: readonly unknown[]) {
    this.#parts = parts;
    this.#values = values;
  }

  /** text is the statement for the server; the same parts give the same text, so it is prepared once. */
  get text(): string {
    return (this.#text ??= numbered(this.#parts));
  }

  /** args are the values of $1, $2, … */
  get args(): readonly unknown[] {
    return this.#values;
  }

  /** toJSON throws: as an argument of a statement it would become JSON, where a fragment was meant. */
  toJSON(): never {
    throw new TypeError("is a fragment of SQL, not a value: put it into sql`…`");
  }

  /** flatten is a template whose values may be fragments as one fragment. @internal */
  static flatten<R>(strings: readonly string[], values: readonly unknown[]): Sql<R> {
    // As in most templates, which then need no copy.
    if (!values.some((value) => value instanceof Sql)) return new Sql(strings, values);
    const parts = [strings[0] ?? ""];
    const flat: unknown[] = [];
    values.forEach((value, i) => {
      const after = strings[i + 1] ?? "";
      if (value instanceof Sql) {
        const [first = "", ...rest] = value.#parts;
        parts[parts.length - 1] += first;
        parts.push(...rest);
        flat.push(...value.#values);
        parts[parts.length - 1] += after;
      } else {
        parts.push(after);
        flat.push(value);
      }
    });
    return new Sql(parts, flat);
  }
}

const EMPTY = new Sql([""], []);
const COMMA = new Sql([", "], []);

/** SqlTag is the type of `sql`. */
export interface SqlTag {
  <R = Row>(strings: TemplateStringsArray, ...values: readonly unknown[]): Sql<R>;
  /** id is a name, quoted: sql.id("user"), sql.id("app", "user") for app.user. A dot in a part belongs to the name. */
  id(...parts: readonly string[]): Sql;
  /**
   * list is values with commas between: `id in (${sql.list(ids)})`. Each length is another statement to prepare, which
   * `id = any(${ids})` is not. An empty list is invalid_argument ("sql/empty_list"): SQL has none.
   */
  list(values: Iterable<unknown>): Sql;
  /** join is fragments with a separator between, ", " by default; sql.empty among them is left out. */
  join(fragments: Iterable<Sql<unknown>>, separator?: Sql<unknown>): Sql;
  /** empty is a fragment that says nothing, for the other branch of a condition. */
  readonly empty: Sql;
}

/**
 * sql makes a statement of a template. What stands in `${…}` is sent as an argument, whatever it is; a Sql is put in as
 * a part of the statement, its arguments with it:
 *
 *     const young = sql`age < ${limit}`;
 *     await db.many(ctx, sql`select * from ${sql.id("user")} where city = ${city} and ${young}`);
 *
 * There is no way to put a string in as it is. Parameters of one's own ($1) have no place in a template.
 */
export const sql: SqlTag = Object.assign(template, {
  id,
  list,
  join,
  empty: EMPTY,
});

function template<R = Row>(strings: TemplateStringsArray, ...values: readonly unknown[]): Sql<R> {
  // Called as a function, with an array that may come from anywhere.
  if (!Array.isArray(strings) || !Array.isArray(strings.raw))
    throw bad("sql/bad_argument", "sql is a tag: write sql`…`");
  return Sql.flatten(strings, values);
}

function id(...parts: readonly string[]): Sql {
  if (parts.length === 0) throw bad("sql/bad_argument", "sql.id: a name is missing");
  return new Sql([parts.map(quoteName).join(".")], []);
}

/** quoteName is a name as an identifier, in quotes. Throws invalid_argument for what cannot be a name. @internal */
export function quoteName(name: string): string {
  if (typeof name !== "string" || name === "" || name.includes("\0")) {
    throw bad("sql/bad_argument", `${JSON.stringify(name)} cannot be a name`);
  }
  return `"${name.replaceAll('"', '""')}"`;
}

function list(values: Iterable<unknown>): Sql {
  const all = [...values];
  if (all.length === 0) throw bad("sql/empty_list", "sql.list: an empty list; = any(${values}) takes one");
  return Sql.flatten(["", ...all.map((_, i) => (i < all.length - 1 ? ", " : ""))], all);
}

function join(fragments: Iterable<Sql<unknown>>, separator: Sql<unknown> = COMMA): Sql {
  const some = [...fragments].filter((fragment) => fragment !== EMPTY);
  const all = some.flatMap((fragment, i) => (i === 0 ? [fragment] : [separator, fragment]));
  if (!all.every((one) => one instanceof Sql)) throw bad("sql/bad_argument", "sql.join takes fragments: sql`…`");
  return Sql.flatten(["", ...all.map(() => "")], all);
}

// By the parts themselves, which for a template without fragments are one object for each place in the source.
const texts = new WeakMap<readonly string[], string>();

function numbered(parts: readonly string[]): string {
  const known = texts.get(parts);
  if (known !== undefined) return known;
  let text = parts[0] ?? "";
  for (let i = 1; i < parts.length; i++) text += `$${i}${parts[i]}`;
  if (Object.isFrozen(parts)) texts.set(parts, text);
  return text;
}

function bad(reason: string, what: string): Failure {
  return new Failure(`sql: ${what}`, { code: "invalid_argument", reason });
}
