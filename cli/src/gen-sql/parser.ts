import { type Ast, child, isAst } from "./ast.ts";

/** ParseFailure is a syntax error; offset counts bytes of UTF-8. */
export interface ParseFailure {
  readonly message: string;
  readonly offset: number;
}

/** Parser turns one statement into its tree. */
export type Parser = (sql: string) => { readonly ast: Ast } | { readonly failure: ParseFailure };

/** loadParser loads PostgreSQL's parser: 1.8 MB of WebAssembly, only when something is generated. */
export async function loadParser(): Promise<Parser> {
  const { hasSqlDetails, loadModule, parseSync } = await import("libpg-query");
  await loadModule();
  return (sql) => {
    try {
      const tree: unknown = parseSync(sql);
      const first: unknown = isAst(tree) && Array.isArray(tree["stmts"]) ? tree["stmts"][0] : undefined;
      return { ast: (isAst(first) ? child(first, "stmt") : undefined) ?? {} };
    } catch (err) {
      if (!hasSqlDetails(err)) throw err;
      return { failure: { message: err.message, offset: err.sqlDetails?.cursorPosition ?? 0 } };
    }
  };
}
