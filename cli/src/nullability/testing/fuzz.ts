import { type Node, parse } from "libpg-query";
import { type Catalog, type ResultColumn, columnsOf, readCatalog } from "../index.ts";
import { Queries } from "./queries.ts";
import { Random } from "./random.ts";
import { STATES, createTables, randomTables } from "./world.ts";
import { randomWrite } from "./writes.ts";

/** Server runs a statement and gives its rows as arrays, with the names of their columns. */
export interface Server {
  run(text: string): Promise<{ readonly names: readonly string[]; readonly rows: readonly (readonly unknown[])[] }>;
}

/** Analyse is columnsOf, or a wrong version of it. */
export type Analyse = (statement: Node, catalog: Catalog) => readonly ResultColumn[] | undefined;

/** Figures are what a run has seen. */
export interface Figures {
  queries: number;
  /** refused are queries that the server would not run over any state. */
  refused: number;
  /** columns are those that had rows. */
  columns: number;
  /** claimed are those of them that were said never to be null. */
  claimed: number;
  /** nulls are those of them that were null in a row. */
  nulls: number;
  /** avoidable are those that were said to be nullable, and never were. */
  avoidable: number;
  /** alsoWrong is how many wrong claims each of the other analyses made. */
  readonly alsoWrong: Record<string, number>;
  /** wrong are the queries with a claim that did not hold, or columns that were counted or named otherwise. */
  wrong: string[];
}

/** FuzzOptions say how much to try. */
export interface FuzzOptions {
  readonly seed: number;
  /** columns is how many columns with rows to see. */
  readonly columns: number;
  /** also are analyses to compare with the same rows. */
  readonly also?: Readonly<Record<string, Analyse>>;
}

/** QUERIES is how many queries are run on each world of tables, views and data. */
const QUERIES = 150;

/** fuzz compares what the analysis claims of random queries with the rows that a server gives for them. */
export async function fuzz(server: Server, options: FuzzOptions): Promise<Figures> {
  const also = Object.entries(options.also ?? {});
  const figures = newFigures();
  for (let seed = options.seed; figures.columns < options.columns; seed++) {
    const random = new Random(seed);
    const { queries, catalog } = await createWorld(server, random);
    const made = Array.from({ length: QUERIES }, () => {
      const write = random.chance(0.12);
      return { sql: write ? randomWrite(queries) : queries.query(queries.types(5, 12), [], 2).sql, write };
    });
    const seen = made.map((): Seen => ({ names: undefined, rows: 0, nulls: [] }));
    for (let state = 0; state < STATES; state++) {
      await server.run(`set search_path = s${state}, public`);
      for (const [i, { sql, write }] of made.entries()) await look(server, sql, write, seen[i]!);
    }
    for (const [i, { sql }] of made.entries()) {
      const statement = (await parse(sql)).stmts![0]!.stmt!;
      compare(columnsOf(statement, catalog), seen[i]!, figures, (what) =>
        figures.wrong.push(`seed ${seed}: ${what}: ${sql}`),
      );
      for (const [name, analyse] of also) {
        const others = newFigures();
        compare(analyse(statement, catalog), seen[i]!, others, () => others.wrong.push(name));
        figures.alsoWrong[name] = (figures.alsoWrong[name] ?? 0) + others.wrong.length;
      }
    }
  }
  return figures;
}

function newFigures(): Figures {
  return { queries: 0, refused: 0, columns: 0, claimed: 0, nulls: 0, avoidable: 0, alsoWrong: {}, wrong: [] };
}

/** summary is the figures as one line. */
export function summary({ wrong, ...figures }: Figures): string {
  const share = (part: number): string => `${((100 * part) / Math.max(1, figures.columns)).toFixed(1)} %`;
  return (
    `${figures.queries} queries (${figures.refused} refused), ${figures.columns} columns: ` +
    `${share(figures.claimed)} claimed, ${share(figures.nulls)} null, ${wrong.length} wrong; ` +
    `${share(figures.avoidable)} said to be nullable and never null in ${STATES} states of the data`
  );
}

async function createWorld(server: Server, random: Random): Promise<{ queries: Queries; catalog: Catalog }> {
  const tables = randomTables(random);
  const plain = new Queries(random, tables);
  const views = random.times(0, 3, (i) => {
    const { sql, columns } = plain.query(plain.types(3, 5), [], 1);
    return { name: `v${i}`, sql, table: { name: `v${i}`, columns, view: true } };
  });
  const made: (typeof views)[number]["table"][] = [];
  for (let state = 0; state < STATES; state++) {
    await server.run(`drop schema if exists s${state} cascade`);
    await server.run(`create schema s${state}`);
    await server.run(`set search_path = s${state}, public`);
    for (const statement of createTables(tables, state, random).split(";\n")) await server.run(statement);
    for (const { name, sql, table } of views) {
      const failed = await server.run(`create view ${name} as ${sql}`).then(
        () => false,
        () => true,
      );
      if (state === 0 && !failed) made.push(table);
    }
  }
  await server.run("set search_path = s0, public");
  const catalog = await readCatalog(async (text) => {
    const { names, rows } = await server.run(text);
    return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
  });
  return { queries: new Queries(random, [...tables, ...made]), catalog };
}

/** Seen is what the server gave for a query over all states. */
interface Seen {
  names: readonly string[] | undefined;
  rows: number;
  readonly nulls: boolean[];
}

async function look(server: Server, sql: string, write: boolean, seen: Seen): Promise<void> {
  if (write) await server.run("begin");
  try {
    const { names, rows } = await server.run(sql);
    seen.names = names;
    seen.rows += rows.length;
    for (const row of rows) {
      for (const [i, value] of row.entries()) seen.nulls[i] = seen.nulls[i] === true || value === null;
    }
  } catch {
    // Refused over these data: a division by zero, a constraint.
  } finally {
    if (write) await server.run("rollback");
  }
}

function compare(
  claims: readonly ResultColumn[] | undefined,
  { names, rows, nulls }: Seen,
  figures: Figures,
  wrong: (what: string) => void,
): void {
  figures.queries++;
  if (names === undefined) {
    figures.refused++;
    return;
  }
  const claimed = claims?.map((each) => each.name).join();
  if (claims === undefined || claimed !== names.join()) {
    wrong(`columns are ${claimed} instead of ${names.join()}`);
    return;
  }
  if (rows === 0) return;
  for (const [i, { name, notNull }] of claims.entries()) {
    const isNull = nulls[i] === true;
    figures.columns++;
    if (notNull) figures.claimed++;
    if (isNull) figures.nulls++;
    if (!notNull && !isNull) figures.avoidable++;
    if (notNull && isNull) wrong(`column ${i + 1}, ${name}, is null`);
  }
}
