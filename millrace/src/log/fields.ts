import type { Attrs } from "./attrs.ts";
import { type Plain, plainField, plainText, put } from "./plain.ts";

/** Fields are attributes, made plain. */
export type Fields = Readonly<Record<string, Plain>>;

/** Fixed are the fields that every line of a log has. */
export interface Fixed {
  readonly fields: Fields;
  /** json is each of them as it stands in a line: `,"name":value`. What is undefined is not written. */
  readonly json: readonly { readonly name: string; readonly json: string }[];
}

/** fixedFields writes the JSON of fields once, for all lines that will have them. */
export function fixedFields(fields: Fields): Fixed {
  const json = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ name, json: `,${JSON.stringify(name)}:${JSON.stringify(value)}` }));
  return { fields, json };
}

/** LOG_ERROR is the name of what was thrown where attributes could not be read. */
export const LOG_ERROR = "log_error";

/** mergeFields gives the fields of all attributes, where the later ones win. Never throws. */
export function mergeFields(
  fixed: Fields,
  redacted: (name: string) => boolean,
  ...all: readonly (Attrs | undefined)[]
): Fields {
  const fields: Record<string, Plain> = { ...fixed };
  for (const attrs of all) {
    if (attrs === undefined) continue;
    try {
      const context = { redacted, above: [attrs] };
      for (const name of Object.keys(attrs)) put(fields, freeName(name), plainField(attrs, name, context));
    } catch (err) {
      fields[LOG_ERROR] = plainText(err);
    }
  }
  return fields;
}

/** freeName is the name that an attribute is written with: the three names of the line itself are taken. */
export function freeName(name: string): string {
  return name === "level" || name === "time" || name === "msg" ? `${name}_` : name;
}
