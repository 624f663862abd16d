import type { Ref } from "./expressions.ts";
import type { Queries } from "./queries.ts";
import { type Type, VALUES } from "./values.ts";
import type { Table, WorldColumn } from "./world.ts";

interface Source {
  readonly sql: string;
  readonly refs: readonly Ref[];
  /** columns are those that USING can name. */
  readonly columns: readonly WorldColumn[];
}

/** From makes what stands after FROM: relations of all kinds, joined in all ways. */
export class From {
  readonly #queries: Queries;
  readonly #ctes: readonly Table[];
  readonly #outer: readonly Ref[];

  constructor(queries: Queries, ctes: readonly Table[], outer: readonly Ref[]) {
    this.#queries = queries;
    this.#ctes = ctes;
    this.#outer = outer;
  }

  /** items are one or two entries. */
  items(depth: number): Source {
    const first = this.#joins(depth, []);
    if (!this.#queries.random.chance(0.15)) return first;
    const second = this.#source(depth, first.refs);
    return { sql: `${first.sql}, ${second.sql}`, refs: [...first.refs, ...second.refs], columns: [] };
  }

  #joins(depth: number, before: readonly Ref[]): Source {
    return this.#joined(this.#queries.random.pick([0, 1, 1, 2, 2, 3]), depth, before);
  }

  #nested(depth: number): Source {
    const source = this.#joined(this.#queries.random.pick([1, 2]), depth, []);
    return { ...source, sql: `(${source.sql})` };
  }

  #joined(joins: number, depth: number, before: readonly Ref[]): Source {
    const { random, expressions } = this.#queries;
    let left = this.#source(depth, before);
    for (let n = joins; n > 0; n--) {
      const nested = depth > 0 && random.chance(0.15);
      const kind = random.pick(["join", "join", "left join", "left join", "right join", "full join"]);
      // What may be missing on the left cannot be named by what is LATERAL on the right.
      const lateral = kind === "join" || kind === "left join" ? [...before, ...left.refs] : [];
      const right = nested ? this.#nested(depth - 1) : this.#source(depth, lateral);
      const refs = [...left.refs, ...right.refs];
      const which = random.next();
      if (which < 0.08) {
        left = { sql: `${left.sql} cross join ${right.sql}`, refs, columns: [] };
        continue;
      }
      const shared = left.columns.filter((a) => right.columns.some((b) => b.name === a.name && b.type === a.type));
      if (which < 0.35 && shared.length > 0) {
        const all = random.chance(0.2);
        const names = all ? shared : [random.pick(shared)];
        const on = all ? "" : ` using (${names[0]!.name})`;
        const merged = names.map(({ name, type }) => ({ sql: name, type }));
        const columns = names;
        left = {
          sql: `${left.sql} ${all ? `natural ${kind}` : kind} ${right.sql}${on}`,
          refs: [...refs, ...merged, ...merged],
          columns,
        };
        continue;
      }
      // FULL JOIN takes plain equalities alone.
      const [a, b] = [numbers(left.refs), numbers(right.refs)];
      const equal = a.length > 0 && b.length > 0 ? `${random.pick(a)} = ${random.pick(b)}` : "true";
      const extra = random.chance(0.4) ? ` and ${expressions.condition(refs, 1)}` : "";
      const on = kind === "full join" ? equal : random.chance(0.1) ? expressions.condition(refs, 1) : equal + extra;
      left = { sql: `${left.sql} ${kind} ${right.sql} on ${on}`, refs, columns: [] };
    }
    return left;
  }

  #source(depth: number, before: readonly Ref[]): Source {
    const { random } = this.#queries;
    const which = random.next();
    const alias = this.#queries.name("a");
    if (which < 0.18 && depth > 0) {
      const lateral = random.chance(0.5) && before.length > 0;
      const outer = [...this.#outer, ...(lateral ? before : [])];
      const query = this.#queries.query(this.#queries.types(), outer, depth - 1, this.#ctes);
      return derived(`${lateral ? "lateral " : ""}(${query.sql}) ${alias}`, alias, query.columns);
    }
    if (which < 0.24) return this.#function(alias, before);
    if (which < 0.27) return this.#values(alias);
    const table = random.pick([...this.#queries.tables, ...this.#ctes, ...this.#ctes]);
    return derived(`${table.name} ${alias}`, alias, table.columns);
  }

  #values(alias: string): Source {
    const { random } = this.#queries;
    const types = this.#queries.types(1, 3);
    const rows = random.times(1, 3, () =>
      types.map((type) => (random.chance(0.2) ? `null::${type}` : random.pick(VALUES[type]))).join(", "),
    );
    const columns = types.map((type, i) => ({ name: `column${i + 1}`, type, notNull: false }));
    return derived(`(values (${rows.join("), (")})) ${alias}`, alias, columns);
  }

  #function(alias: string, before: readonly Ref[]): Source {
    const { random, expressions } = this.#queries;
    const arg = (type: Type): string => expressions.leaf(type, before);
    const [call, ...columns] = random.pick([
      [`generate_series(1, ${arg("int4")}) ${alias} (n)`, ["n", "int4"]],
      [`generate_series(1, 2) with ordinality ${alias} (n, o)`, ["n", "int4"]],
      [`unnest(${arg("int4[]")}) ${alias} (n)`, ["n", "int4"]],
      [`unnest(${arg("int4[]")}, ${arg("text[]")}) ${alias} (n, m)`, ["n", "int4"], ["m", "text"]],
      [`rows from (generate_series(1, 3), unnest(${arg("text[]")})) ${alias} (n, m)`, ["n", "int4"], ["m", "text"]],
      [`jsonb_each(jsonb_build_object('a', ${arg("jsonb")})) ${alias}`, ["key", "text"], ["value", "jsonb"]],
      [`jsonb_each_text(jsonb_build_object('a', ${arg("jsonb")})) ${alias}`, ["key", "text"], ["value", "text"]],
      [`jsonb_array_elements(jsonb_build_array(1, ${arg("jsonb")})) ${alias}`, ["value", "jsonb"]],
      [`regexp_split_to_table(${arg("text")}, ',') ${alias} (n)`, ["n", "text"]],
      [`lower(${arg("text")}) ${alias}`, [alias, "text"]],
      [`abs(${arg("int4")}) ${alias} (n)`, ["n", "int4"]],
    ] as const);
    return derived(
      call,
      alias,
      columns.map(([name, type]) => ({ name, type, notNull: false })),
    );
  }
}

function derived(sql: string, alias: string, columns: readonly WorldColumn[]): Source {
  return { sql, refs: columns.map(({ name, type }) => ({ sql: `${alias}.${name}`, type })), columns };
}

function numbers(refs: readonly Ref[]): string[] {
  return refs.filter((ref) => ref.type === "int4").map((ref) => ref.sql);
}
