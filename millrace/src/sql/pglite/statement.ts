import { createHash } from "node:crypto";
import { Failure } from "../../errors/index.ts";
import { message, typeOf } from "./wire.ts";

// NAMEDATALEN - 1: PostgreSQL cuts a longer name, and two that begin alike would become one.
const MAX_NAME_BYTES = 63;

/**
 * Statements gives the prepared statements of one connection names of their own in the session that all connections
 * share, and knows which are open. Portals need no names of their own: none outlives a transaction.
 */
export class Statements {
  readonly #prefix: string;
  readonly #open: Set<string> = new Set();

  constructor(connection: number) {
    this.#prefix = `c${connection}_`;
  }

  /** rename gives the statement that a Parse, Bind, Describe or Close names the name that it has in the session. */
  rename(m: Buffer, ref: StatementRef): Buffer {
    const name = this.#inSession(ref.name);
    const type = typeOf(m);
    if (type === "P") this.#open.add(name);
    if (type === "C") this.#open.delete(name);
    return message(type, m.subarray(5, ref.start), name, m.subarray(ref.end));
  }

  /** open is how many statements are open. */
  get open(): number {
    return this.#open.size;
  }

  /** closeAll is the messages that close what is open. */
  closeAll(): Buffer[] {
    const closes = Array.from(this.#open, (name) => message("C", Buffer.from("S"), name));
    this.#open.clear();
    return closes;
  }

  #inSession(name: string): string {
    const own = this.#prefix + name;
    if (Buffer.byteLength(own) <= MAX_NAME_BYTES) return own;
    return this.#prefix + createHash("sha256").update(name).digest("base64url");
  }
}

/** StatementRef is where a message names a prepared statement; the unnamed one has an empty name. */
export interface StatementRef {
  readonly name: string;
  /** start is where the name begins, end is behind its final zero. */
  readonly start: number;
  readonly end: number;
}

/** statementRef is the statement that a message names, undefined if it names none. */
export function statementRef(m: Buffer): StatementRef | undefined {
  const start = nameStart(m);
  if (start === undefined) return undefined;
  const end = afterZero(m, start);
  return { name: m.toString("utf8", start, end - 1), start, end };
}

/** queryText is the SQL of a Parse whose name ends at an offset; every byte is one character, keywords are readable. */
export function queryText(parse: Buffer, nameEnd: number): string {
  return parse.toString("latin1", nameEnd, afterZero(parse, nameEnd) - 1);
}

//     Parse           P length  statement 0  query 0  …
//     Bind            B length  portal 0  statement 0  …
//     Describe Close  D length  S statement 0   or   P portal 0
function nameStart(m: Buffer): number | undefined {
  switch (typeOf(m)) {
    case "P":
      return 5;
    case "B":
      return afterZero(m, 5);
    case "C":
    case "D":
      return m[5] === 0x53 ? 6 : undefined;
    default:
      return undefined;
  }
}

function afterZero(m: Buffer, from: number): number {
  const zero = m.indexOf(0, from);
  if (zero !== -1) return zero + 1;
  throw new Failure(`sql: pglite: a ${typeOf(m)} message with a name that does not end`, {
    code: "invalid_argument",
    reason: "sql/pglite_protocol",
  });
}
