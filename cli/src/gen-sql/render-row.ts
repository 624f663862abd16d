import { nullOr } from "./layout.ts";
import type { Column, EmbeddedTable, Item } from "./model.ts";
import { fieldText, keyText } from "./names.ts";
import { columnField, interfaceText, isMapped, orNull } from "./fields.ts";

/** renderRow writes the interface of a query's rows, and how they are made of the driver's where those are different. */
export function renderRow(name: string, items: readonly Item[]): string {
  if (items.length === 0) return "";
  const fields = items.map((item) =>
    item.kind === "column"
      ? columnField(item)
      : `  readonly ${keyText(item.key)}: ${orNull(item.type, item.nullable)};\n`,
  );
  const row = interfaceText(`${name}Row`, fields);
  if (!isMapped(items)) return row;
  const wire = `// What the driver gives.\ninterface ${name}Wire {\n${items.flatMap(wireFields).join("")}}\n`;
  const to = `function to${name}Row(row: ${name}Wire): ${name}Row {\n  return {\n${items.map(itemValue).join("")}  };\n}\n`;
  return `${row}\n${wire}\n${to}`;
}

function wireFields(item: Item): string[] {
  if (item.kind === "column") return [wireField(item, item.key, item.nullable)];
  // All are null where the table is left out, but that is told by the first alone.
  const told = new Set(item.nullable ? tellingColumns(item) : []);
  return item.columns.map((column) => wireField(column, item.prefix + column.key, column.nullable || told.has(column)));
}

function wireField({ read }: Column, key: string, nullable: boolean): string {
  return `  readonly ${keyText(key)}: ${orNull(read.wire, nullable)};\n`;
}

function itemValue(item: Item): string {
  const indent = "    ";
  const key = keyText(item.key);
  if (item.kind === "column") return columnValue(indent, item, "");
  const object = (inner: string): string =>
    `{\n${item.columns.map((column) => columnValue(`${inner}  `, column, item.prefix)).join("")}${inner}}`;
  if (!item.nullable) return `${indent}${key}: ${object(indent)},\n`;
  const tests = tellingColumns(item).map(({ key }) => `${fieldText("row", item.prefix + key)} === null`);
  return nullOr(indent, key, tests, object(`${indent}      `));
}

function columnValue(indent: string, { key, read, nullable }: Column, prefix: string): string {
  const value = fieldText("row", prefix + key);
  if (read.parse === undefined) return `${indent}${keyText(key)}: ${value},\n`;
  const call = `${read.parse}(${value})`;
  return nullable ? nullOr(indent, keyText(key), [`${value} === null`], call) : `${indent}${keyText(key)}: ${call},\n`;
}

// The columns that are null if and only if the row is not there: one that cannot be null, or else all together.
function tellingColumns({ columns }: EmbeddedTable): readonly Column[] {
  const sure = columns.find(({ nullable }) => !nullable);
  return sure === undefined ? columns : [sure];
}
