import { type Node, type Program, Visitor, parseSync } from "oxc-parser";

/** Import is one reference from a source file to another module. */
export interface Import {
  /** specifier is what is written; undefined when it is computed. */
  readonly specifier: string | undefined;
  readonly line: number;
}

/** parse parses TypeScript; it throws where the source does not parse, so that nothing hides behind a syntax error. */
export function parse(file: string, source: string): Program {
  const { program, errors } = parseSync(file, source, { lang: file.endsWith(".js") ? "js" : "ts" });
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  return program;
}

/**
 * importsOf lists every way in which a file can name another module: import and export declarations (of types too),
 * `import()` of values and of types, `import x = require()`, `require()`, `import.meta.resolve()` and
 * `new URL(file, import.meta.url)`, which is how a worker's file is named.
 */
export function importsOf(file: string, source: string): Import[] {
  const found: Import[] = [];
  const add = (node: Node | null | undefined, at: Node): void => {
    found.push({ specifier: text(node), line: source.slice(0, at.start).split("\n").length });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source, node),
    ExportAllDeclaration: (node) => add(node.source, node),
    ExportNamedDeclaration: (node) => node.source !== null && add(node.source, node),
    ImportExpression: (node) => add(node.source, node),
    TSImportType: (node) => add(node.source, node),
    TSExternalModuleReference: (node) => add(node.expression, node),
    CallExpression: (node) => (isRequire(node.callee) || isMetaResolve(node.callee)) && add(node.arguments[0], node),
    NewExpression: (node) => {
      if (node.callee.type === "Identifier" && node.callee.name === "URL" && isMeta(node.arguments[1], "url")) {
        // A computed URL may name data, or this folder's worker as .ts or as .js; only what is written out is checked.
        if (text(node.arguments[0]) !== undefined) add(node.arguments[0], node);
      }
    },
  }).visit(parse(file, source));
  return found;
}

function text(node: Node | null | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

function isRequire(callee: Node): boolean {
  return callee.type === "Identifier" && callee.name === "require";
}

function isMetaResolve(callee: Node): boolean {
  return isMeta(callee, "resolve");
}

function isMeta(node: Node | undefined, property: string): boolean {
  if (node?.type !== "MemberExpression" || node.object.type !== "MetaProperty") return false;
  return node.property.type === "Identifier" && node.property.name === property;
}
