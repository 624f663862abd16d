import { Secret } from "../secret/index.ts";
import { maskUrls } from "../secret/mask-urls.ts";
import type { Field } from "./settings.ts";

/** Entry is a setting as it is shown. */
export interface Entry {
  readonly field: Field;
  readonly value: unknown;
  readonly from: string;
}

// Beside the settings and not in them, so that they hold nothing but what was asked for.
const loaded = new WeakMap<object, readonly Entry[]>();

/** remember keeps where the values of settings came from. */
export function remember(settings: object, entries: readonly Entry[]): void {
  loaded.set(settings, entries);
}

/**
 * printConfig is the effective configuration as a table of variable, value and source, a line for each setting, for
 * `--print-config`. Secrets and the passwords of URLs are "***". Takes what loadConfig returned.
 */
export function printConfig(settings: object): string {
  const rows = configRows(settings).map(({ variable, value, source, doc }) => [variable, value, source, doc] as const);
  const width = (column: 0 | 1 | 2): number => Math.max(0, ...rows.map((row) => row[column].length));
  const [variable, text, source] = [width(0), width(1), width(2)];
  return rows
    .map((row) => `${row[0].padEnd(variable)}  ${row[1].padEnd(text)}  ${row[2].padEnd(source)}  ${row[3]}`.trimEnd())
    .join("\n");
}

/** ConfigRow is a line of printConfig's table. */
export interface ConfigRow {
  readonly variable: string;
  /** value is the setting as JSON, "***" for a secret, "-" for none. */
  readonly value: string;
  readonly source: string;
  readonly doc: string;
}

/** configRows is printConfig's table for programs. */
export function configRows(settings: object): ConfigRow[] {
  const entries = loaded.get(settings);
  if (entries === undefined) throw new TypeError("config: printConfig: want what loadConfig returned");
  return entries.map(({ field, value, from }) => ({
    variable: field.env,
    value: show(value),
    source: from,
    doc: field.doc ?? "",
  }));
}

function show(value: unknown): string {
  if (value === undefined) return "-";
  if (value instanceof Secret) return String(value);
  const text = JSON.stringify(value, (_, member: unknown) => {
    if (typeof member === "string") return maskUrls(member);
    return typeof member === "bigint" ? String(member) : member;
  });
  return text ?? String(value);
}
