import { Visitor, parseSync } from "oxc-parser";

/** HELD is the name, on globalThis, of the function that a rewritten `await e` calls: `await HELD(e)`. */
export const HELD = "__millraceHeld";

/**
 * rewrite has every `await` of a source go through HELD; lines stay what they are. A source that does not parse is left
 * alone: the engine says best what is wrong with it.
 */
export function rewrite(file: string, source: string): string {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) return source;
  const inserts: { at: number; text: string }[] = [];
  new Visitor({
    AwaitExpression({ argument }) {
      inserts.push({ at: argument.start, text: `globalThis.${HELD}(` }, { at: argument.end, text: ")" });
    },
  }).visit(program);
  let text = source;
  // From the end, so that the offsets stay right. Of two at one place, the later one closes or opens further inside.
  for (const { at, text: insert } of inserts.toSorted(
    (a, b) => b.at - a.at || Number(a.text === ")") - Number(b.text === ")"),
  )) {
    text = text.slice(0, at) + insert + text.slice(at);
  }
  return text;
}
