import { Failure } from "../../errors/index.ts";
import { MAX_MESSAGE_BYTES, message, typeOf } from "./wire.ts";

/**
 * CopyIn gathers a COPY FROM STDIN. The embedded PostgreSQL reads all of a statement's input while it runs and takes
 * the end of what it was given for the end of the connection, so the query and its data are given to it together.
 */
export class CopyIn {
  readonly #messages: Buffer[];
  #bytes = 0;

  constructor(query: Buffer) {
    this.#messages = [query];
  }

  /**
   * add takes one message of the client; when it was the last it returns all of them. More than the bound, or anything
   * that does not belong into a COPY, throws.
   */
  add(m: Buffer): Buffer[] | undefined {
    const type = typeOf(m);
    // Flush and Sync are ignored while data is copied.
    if (type === "H" || type === "S") return undefined;
    if (type !== "d" && type !== "c" && type !== "f")
      throw refusal("invalid_argument", `a ${type} message within COPY`);
    this.#bytes += m.byteLength;
    if (this.#bytes > MAX_MESSAGE_BYTES)
      throw refusal("resource_exhausted", `COPY of more than ${MAX_MESSAGE_BYTES} bytes`);
    this.#messages.push(m);
    return type === "d" ? undefined : [...this.#messages, ONE_COPY_ONLY];
  }
}

/** COPY_IN_RESPONSE asks the client for its data, as text. The server's own answer comes too late and is left out. */
export const COPY_IN_RESPONSE: Buffer = message("G", Buffer.of(0, 0, 0));

/**
 * mayCopyIn says whether a simple query might be a COPY FROM STDIN. Taking another query for one does no harm: the
 * client, which has no data for it, answers CopyFail, which a server that is not copying ignores.
 */
export function mayCopyIn(sql: string): boolean {
  return /\bstdin\b/i.test(sql) && /\bcopy\b/i.test(sql);
}

/** isCopyIn says whether a Parse, which holds one statement, is a COPY FROM STDIN. */
export function isCopyIn(sql: string): boolean {
  return /\bstdin\b/i.test(sql) && /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)*copy\b/i.test(sql);
}

/** NO_COPY_IN stands in for a Parse that is a COPY FROM STDIN, which could not be answered: running it is an error. */
export const NO_COPY_IN: string =
  "do $$begin raise 'COPY FROM STDIN must be sent to the embedded database as a simple query'" +
  " using errcode = 'feature_not_supported'; end$$";

// Ends a second COPY in the same query, for which there is no data; otherwise ignored.
const ONE_COPY_ONLY = message("f", "the embedded database takes one COPY FROM STDIN in a query");

function refusal(code: "invalid_argument" | "resource_exhausted", what: string): Failure {
  return new Failure(`sql: pglite: ${what}`, { code, reason: "sql/pglite_protocol" });
}
