import type { Column, Item } from "./model.ts";
import { keyText } from "./names.ts";

/** interfaceText writes an interface. */
export function interfaceText(name: string, fields: readonly string[]): string {
  return `export interface ${name} {\n${fields.join("")}}\n`;
}

/** columnField is a column as a field of an interface. */
export function columnField({ key, read, nullable }: Column): string {
  return `  readonly ${keyText(key)}: ${orNull(read.type, nullable)};\n`;
}

/** orNull adds null to a type, unless it is in it. */
export function orNull(type: string, nullable: boolean): string {
  return nullable && type !== "unknown" ? `${type} | null` : type;
}

/** isMapped says that the driver's rows are not the query's yet: a table is embedded, or a value parsed. */
export function isMapped(items: readonly Item[]): boolean {
  return items.some((item) => item.kind === "embed" || item.read.parse !== undefined);
}
