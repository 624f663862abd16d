import { interfaceText, isMapped, orNull } from "./fields.ts";
import { bracketed, callWith, docComment } from "./layout.ts";
import type { Argument, Item, Model } from "./model.ts";
import { camelCase, constantCase, fieldText, keyText, pascalCase } from "./names.ts";
import { renderRow } from "./render-row.ts";
import { type Import, SCHEMA_FILE } from "./type-map.ts";

/** Rendered is a piece of a module, and what it needs from others. */
export interface Rendered {
  readonly text: string;
  readonly imports: readonly Import[];
}

/** renderQuery writes what a query becomes: its SQL, the types of its arguments and rows, and its function. */
export function renderQuery(model: Model): Rendered {
  const name = pascalCase(model.query.name);
  const argsType = `${name}Args`;
  const parts = [
    model.copy === undefined ? sqlConstant(model) : "",
    model.arguments.length === 0 ? "" : interfaceText(argsType, model.arguments.map(argumentField)),
    renderRow(name, model.items),
    renderFunction(model, name, argsType),
  ];
  const imports = [...model.arguments.flatMap(({ write }) => write.imports), ...itemsImports(model.items)];
  return { text: parts.filter((part) => part !== "").join("\n"), imports };
}

function sqlConstant({ statement, query }: Model): string {
  const text = statement.sql.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${");
  return `const ${constantCase(query.name)} = \`\n${text}\`;\n`;
}

function argumentField({ key, write, nullable }: Argument): string {
  return `  readonly ${keyText(key)}: ${orNull(write.type, nullable)};\n`;
}

function itemsImports(items: readonly Item[]): readonly Import[] {
  const mapped = isMapped(items);
  return items.flatMap((item): readonly Import[] => {
    if (item.kind === "column") return mapped ? [...item.read.imports, ...item.read.wireImports] : item.read.imports;
    const row: Import = { name: item.type, from: `./${SCHEMA_FILE}`, type: true };
    return [row, ...item.columns.flatMap(({ read }) => read.wireImports)];
  });
}

function renderFunction(model: Model, name: string, argsType: string): string {
  const { query, copy, items } = model;
  const fn = camelCase(query.name);
  const doc = docComment(query.doc);
  const params = ["ctx: Ctx", "db: Querier"];
  if (copy !== undefined) {
    const rows = `rows: Iterable<${argsType}> | AsyncIterable<${argsType}>`;
    return doc + copyFunction(model, fn, [...params, rows], argsType);
  }
  if (model.arguments.length > 0) params.push(`args: ${argsType}`);
  const mapped = isMapped(items);
  const row = `${name}Row`;
  const result = {
    ":one": `Promise<${row}>`,
    ":maybe": `Promise<${row} | undefined>`,
    ":many": `Promise<${row}[]>`,
    ":stream": `AsyncIterable<${row}>`,
    ":exec": "Promise<void>",
    ":execrows": "Promise<number>",
    ":copyfrom": "Promise<number>",
  }[query.command];
  const star = mapped && query.command === ":stream" ? "*" : "";
  const isAsync = mapped || query.command === ":exec" ? "async " : "";
  const head = bracketed(`export ${isAsync}function${star} ${fn}`, ["(", ")"], params, `: ${result} {\n`);
  return `${doc}${head}${body(model, mapped ? `${name}Wire` : row, mapped ? `to${row}` : undefined)}}\n`;
}

// What is called for each command, and what becomes of its answer where the rows have to be mapped.
const METHODS = {
  ":one": { method: "one", before: "const row = await ", after: (to: string) => `return ${to}(row);` },
  ":maybe": {
    method: "maybe",
    before: "const row = await ",
    after: (to: string) => `return row === undefined ? undefined : ${to}(row);`,
  },
  ":many": { method: "many", before: "const rows = await ", after: (to: string) => `return rows.map(${to});` },
  ":stream": {
    method: "rows",
    before: "const rows = ",
    after: (to: string) => `for await (const row of rows) yield ${to}(row);`,
  },
} as const;

function body({ query: { name, command }, arguments: args }: Model, row: string, to: string | undefined): string {
  const values = args.map((argument) => valueOf(argument, "args"));
  const given = ["ctx", constantCase(name)];
  const call = (before: string): string => {
    if (values.length === 0) return `  ${before}(${given.join(", ")});\n`;
    return `${callWith(`  ${before}`, given, values, ";")}\n`;
  };
  if (command === ":exec") return call("await db.exec");
  if (command === ":execrows" || command === ":copyfrom") return call("return db.exec");
  const { method, before, after } = METHODS[command];
  if (to === undefined) return call(`return db.${method}<${row}>`);
  return `${call(`${before}db.${method}<${row}>`)}  ${after(to)}\n`;
}

function copyFunction(
  { copy, arguments: args }: Model,
  fn: string,
  params: readonly string[],
  argsType: string,
): string {
  const { table, columns } = copy!;
  const names = columns.map((column) => JSON.stringify(column)).join(", ");
  const head = bracketed(`export function ${fn}`, ["(", ")"], params, ": Promise<number> {\n");
  const call = bracketed(
    "  return db.copyFrom",
    ["(", ")"],
    [
      "ctx",
      typeof table === "string" ? JSON.stringify(table) : `[${table.map((name) => JSON.stringify(name)).join(", ")}]`,
      `[${names}]`,
      `${fn}Values(rows)`,
    ],
    ";\n",
  );
  const values = args.map((argument) => valueOf(argument, "row"));
  const yielded = bracketed("    yield ", ["[", "]"], values, ";\n");
  const generator = bracketed(
    `async function* ${fn}Values`,
    ["(", ")"],
    [`rows: Iterable<${argsType}> | AsyncIterable<${argsType}>`],
    ": AsyncGenerator<readonly unknown[]> {\n",
  );
  return `${head}${call}}\n\n${generator}  for await (const row of rows) {\n${yielded}  }\n}\n`;
}

function valueOf({ key, write, nullable }: Argument, object: string): string {
  const value = fieldText(object, key);
  if (write.format === undefined) return value;
  return nullable ? `${value} === null ? null : ${write.format(value)}` : write.format(value);
}
