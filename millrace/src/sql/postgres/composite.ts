import { SqlFailure } from "../failure.ts";
import type { Parse } from "./array.ts";
import { camelCase } from "./camel-case.ts";
import { quoteField, readFields } from "./fields.ts";

/** Composite marks fields that are to be sent as a value of a composite type. */
export class Composite {
  readonly fields: readonly unknown[];

  /** @internal use composite */
  constructor(fields: readonly unknown[]) {
    this.fields = fields;
  }
}

/**
 * composite sends a row as a value of a composite type, where a plain object would go as JSON. The fields are in the order
 * of the type's own, in an object too: one that came from the server has that order.
 */
export function composite(fields: readonly unknown[] | Readonly<Record<string, unknown>>): Composite {
  return new Composite(Array.isArray(fields) ? (fields as readonly unknown[]) : Object.values(fields));
}

/** Member is an attribute of a composite type. @internal */
export interface Member {
  readonly name: string;
  readonly parse: Parse;
}

/** compositeParser reads a composite type as an object with camelCase keys. @internal */
export function compositeParser(members: readonly Member[]): Parse {
  const keys = members.map((member) => camelCase(member.name));
  return (text) => {
    const { fields } = text === "()" && members.length === 0 ? { fields: [] } : readFields(text, 0);
    if (fields.length !== members.length) {
      throw new SqlFailure(
        `sql: a composite value has ${fields.length} fields and not ${members.length}: its type was changed`,
        {
          code: "internal",
          reason: "sql/unreadable_value",
        },
      );
    }
    return Object.fromEntries(
      members.map(({ parse }, i) => {
        const field = fields[i] ?? null;
        return [keys[i]!, field === null ? null : parse(field)];
      }),
    );
  };
}

/** formatComposite writes the fields. @internal */
export function formatComposite(value: Composite, encode: (value: unknown) => string | null): string {
  return `(${value.fields.map((field) => quoteField(encode(field))).join(",")})`;
}
