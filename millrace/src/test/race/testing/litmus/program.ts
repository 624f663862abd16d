import type { T } from "../../../explore/run.ts";
import { tracked } from "../../tracked.ts";

/** Litmus is an edge of happens-before: a program that has it, and the same without it. */
export interface Litmus {
  /** edge is what comes before what. */
  readonly edge: string;
  readonly ordered: (t: T) => Promise<void>;
  /** without is what the other program lacks, or does otherwise. */
  readonly without: string;
  readonly unordered: (t: T) => Promise<void>;
}

/** Shared is what the programs write and read. */
export interface Shared {
  a: number;
  b: number;
}

/** shared is a new tracked object. */
export function shared(): Shared {
  return tracked<Shared>({ a: 0, b: 0 }, "x");
}

/** hop is an await that is no more than that: a place where others may go on. */
export async function hop(): Promise<void> {
  await Promise.resolve();
}

/** hops is so many of them. */
export async function hops(n: number): Promise<void> {
  for (let i = 0; i < n; i++) await hop();
}

/** writes makes a function that writes after so many hops. */
export function writes(x: Shared, key: keyof Shared, after: number = 1): () => Promise<number> {
  return async () => {
    await hops(after);
    return (x[key] = 1);
  };
}

/** fails writes, and then rejects. */
export async function fails(x: Shared, key: keyof Shared): Promise<void> {
  await hop();
  x[key] = 1;
  throw new Error("broken");
}

/** reads reads after a promise. */
export async function reads(x: Shared, key: keyof Shared, after: Promise<void>): Promise<number> {
  await after;
  return x[key];
}

/** both runs functions side by side, none of them in the segment that starts them; one alone, twice. */
export async function both(...all: (() => Promise<unknown>)[]): Promise<void> {
  await Promise.all((all.length === 1 ? [all[0]!, all[0]!] : all).map(async (one) => await hop().then(one)));
}
