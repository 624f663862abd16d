import type { Result, Row } from "../driver.ts";
import { SqlFailure } from "../failure.ts";
import type { Arg } from "./args.ts";
import type { Prepared } from "./prepared.ts";
import { type Column, Shape } from "./shape.ts";
import type { Types } from "./types.ts";

/** Wire is what of pg's Connection a statement uses: one method per protocol message. @internal */
export interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  query(text: string): void;
  parse(message: { readonly name: string; readonly text: string }): void;
  bind(message: { readonly statement: string; readonly values: readonly Arg[] }): void;
  describe(message: { readonly type: "P" }): void;
  execute(message: null): void;
  close(message: { readonly type: "S"; readonly name: string }): void;
  sync(): void;
  sendCopyFail(message: string): void;
}

/** Plan says how a statement goes over the wire; a script has none. @internal */
export interface Plan {
  readonly args: readonly Arg[];
  readonly types: Types;
  /** prepared is the name that the statement has or gets, undefined when it goes unnamed. */
  readonly prepared: Prepared | undefined;
  /** parse says that the server does not know the statement yet. */
  readonly parse: boolean;
  /** forget names prepared statements to close first. */
  readonly forget: readonly string[];
}

/**
 * Statement is one statement or script on its way through pg's Client, which calls it for each message of the server.
 * A known statement goes as Bind, Execute, Sync: neither parsed nor described again.
 * Source: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 * @internal
 */
export class Statement {
  readonly #text: string;
  readonly #plan: Plan | undefined;
  readonly #rows: Row[] = [];
  #shape: Shape | null | undefined;
  #tag = "";
  /** error is the first thing that went wrong; the statement is over only when the server is ready again. */
  error: unknown = undefined;

  constructor(text: string, plan: Plan | undefined) {
    this.#text = text;
    this.#plan = plan;
    this.#shape = plan?.prepared?.shape;
  }

  /** result is what the statement gave, once it is over without an error. */
  result(): Result {
    // "INSERT 0 5", "SELECT 3", "CREATE TABLE"
    const words = this.#tag.split(" ");
    const affected = Number(words.at(-1));
    return { rows: this.#rows, affected: Number.isNaN(affected) ? 0 : affected, command: words[0] ?? "" };
  }

  /** shape is that of the rows; null or undefined: there are none. */
  get shape(): Shape | null | undefined {
    return this.#shape;
  }

  submit(wire: Wire): null {
    const plan = this.#plan;
    if (plan === undefined) {
      wire.query(this.#text);
      return null;
    }
    const name = plan.prepared?.name ?? "";
    // All messages in one packet.
    wire.stream.cork();
    for (const forgotten of plan.forget) wire.close({ type: "S", name: forgotten });
    if (plan.parse) wire.parse({ name, text: this.#text });
    wire.bind({ statement: name, values: plan.args });
    if (this.#shape === undefined) wire.describe({ type: "P" });
    wire.execute(null);
    wire.sync();
    wire.stream.uncork();
    return null;
  }

  handleRowDescription(message: { readonly fields: readonly Column[] }): void {
    const plan = this.#plan;
    if (plan === undefined) return;
    this.#try(() => {
      this.#shape = new Shape(message.fields, plan.types);
    });
  }

  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    if (this.#plan === undefined || this.error !== undefined) return;
    this.#try(() => {
      // The server describes rows before it sends any.
      this.#rows.push(this.#shape!.row(message.fields));
    });
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.#tag = message.text;
  }

  handleReadyForQuery(): void {
    const prepared = this.#plan?.prepared;
    if (prepared !== undefined && this.error === undefined) prepared.shape = this.#shape ?? null;
  }

  handleError(err: unknown): void {
    this.error ??= err;
  }

  handleEmptyQuery(): void {}

  handlePortalSuspended(): void {}

  handleCopyInResponse(wire: Wire): void {
    this.error ??= noCopy();
    wire.sendCopyFail("COPY is not supported here");
    // The server has skipped the first Sync as a part of the copy.
    if (this.#plan !== undefined) wire.sync();
  }

  handleCopyData(): void {
    this.error ??= noCopy();
  }

  #try(step: () => void): void {
    try {
      step();
    } catch (err) {
      this.error ??= err;
    }
  }
}

function noCopy(): SqlFailure {
  return new SqlFailure("sql: COPY FROM STDIN and COPY TO STDOUT are not supported by query and script", {
    code: "unimplemented",
    reason: "sql/no_copy",
  });
}
