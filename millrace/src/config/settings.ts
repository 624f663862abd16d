import type { Secret } from "../secret/index.ts";
import type { StandardSchema } from "../schema/index.ts";

/** Field describes one setting. */
export interface Field<Output = unknown> {
  /** env is the name of the variable. */
  readonly env: string;
  /** schema makes the text of the variable the value; what is missing or empty comes to it as undefined. */
  readonly schema: StandardSchema<Output>;
  /** secret makes the value a Secret, and keeps it out of every message. @default false */
  readonly secret?: boolean;
  /** doc says in a line what the setting is for. */
  readonly doc?: string;
}

/** Fields are the settings of a program by the names that its code uses. */
export type Fields = Readonly<Record<string, Field>>;

/** Settings are the values of fields; one that is secret is a Secret, or undefined where the schema allows that. */
export type Settings<F extends Fields> = { readonly [Name in keyof F]: Value<F[Name]> };

type Value<F extends Field> = F extends { readonly secret: true } ? Hidden<Output<F>> : Output<F>;
type Output<F extends Field> = F["schema"] extends StandardSchema<infer T> ? T : never;
type Hidden<T> = undefined extends T ? Secret<Exclude<T, undefined>> | undefined : Secret<T>;
