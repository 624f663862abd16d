import { camelCase } from "./names.ts";

/** COMMANDS are what a query may be annotated with: what its function gives. */
export const COMMANDS = [":one", ":maybe", ":many", ":exec", ":execrows", ":stream", ":copyfrom"] as const;

/** Command is one of COMMANDS. */
export type Command = (typeof COMMANDS)[number];

/** isCommand says whether a word is a command. */
export function isCommand(word: string): word is Command {
  return (COMMANDS as readonly string[]).includes(word);
}

// What cannot be the name of a function in a module. Source: ECMA-262, 12.7.2, and what strict mode adds.
const RESERVED = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public " +
    "return static super switch this throw true try typeof var void while with yield"
  ).split(" "),
);

/** badName says why a query cannot be called so, undefined if it can. */
export function badName(name: string): string | undefined {
  const fn = camelCase(name);
  return RESERVED.has(fn) ? `"${name}" would be the function "${fn}", which is a reserved word` : undefined;
}
