/**
 * A loader for what the engine does not let the test kit hold back: `await` of what is no promise. It rewrites the
 * awaits of all modules that are loaded after it, but for those of packages:
 *
 *     node --import millrace/test/register --test
 *
 * It needs oxc-parser, an optional peer dependency.
 */
import { registerHooks } from "node:module";
import { held } from "./held.ts";
import { HELD, rewrite } from "./rewrite.ts";

Object.defineProperty(globalThis, HELD, { value: held });

const TOOLKIT = import.meta.url.replace(/test\/register\/index\.\w+$/, "");

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const { source } = loaded;
    if (source === undefined || source === null || !isOurs(url, loaded.format)) return loaded;
    const text = typeof source === "string" ? source : new TextDecoder().decode(source);
    return { ...loaded, source: rewrite(new URL(url).pathname, text) };
  },
});

function isOurs(url: string, format: string | null | undefined): boolean {
  if (url.includes("/node_modules/") || (url.startsWith(TOOLKIT) && !/\.test\.|\/testing\//.test(url))) return false;
  return (
    format === "module" || format === "module-typescript" || format === "commonjs" || format === "commonjs-typescript"
  );
}
