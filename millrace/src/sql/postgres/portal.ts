import type { Row } from "../driver.ts";
import type { Arg } from "./args.ts";
import { Exchange, type Wire } from "./exchange.ts";
import { type Column, Shape } from "./shape.ts";
import type { Types } from "./types.ts";

/**
 * Portal is a statement whose rows are fetched so many at a time.
 *
 *     Parse Bind Describe Execute(fetch) Flush    → rows, PortalSuspended
 *     Execute(fetch) Flush                        → rows, PortalSuspended, …, CommandComplete
 *     Close Sync                                  → ReadyForQuery
 *
 * Without a Sync in between the server stays in one transaction. The statement goes unnamed and is parsed each time.
 * @internal
 */
export class Portal extends Exchange {
  readonly #text: string;
  readonly #args: readonly Arg[];
  readonly #types: Types;
  readonly #fetch: number;
  readonly #sink: (rows: readonly Row[]) => void;
  #wire: Wire | undefined = undefined;
  #shape: Shape | undefined = undefined;
  #rows: Row[] = [];
  // The server waits for what comes next.
  #suspended = false;
  #stopped = false;

  constructor(text: string, args: readonly Arg[], types: Types, fetch: number, sink: (rows: readonly Row[]) => void) {
    super();
    this.#text = text;
    this.#args = args;
    this.#types = types;
    this.#fetch = fetch;
    this.#sink = sink;
  }

  submit(wire: Wire): null {
    this.#wire = wire;
    wire.stream.cork();
    wire.parse({ name: "", text: this.#text });
    wire.bind({ statement: "", values: this.#args });
    wire.describe({ type: "P" });
    this.#execute(wire);
    wire.stream.uncork();
    return null;
  }

  more(): void {
    const wire = this.#wire;
    if (!this.#suspended || wire === undefined) return;
    this.#suspended = false;
    this.#execute(wire);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#suspended && this.#wire !== undefined) this.#end(this.#wire);
  }

  override handleRowDescription(message: { readonly fields: readonly Column[] }): void {
    this.attempt(() => {
      this.#shape = new Shape(message.fields, this.#types);
    });
  }

  override handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    if (this.error !== undefined || this.#stopped) return;
    this.attempt(() => {
      // The server describes rows before it sends any.
      this.#rows.push(this.#shape!.row(message.fields));
    });
  }

  override handlePortalSuspended(wire: Wire): void {
    this.#suspended = true;
    if (this.#stopped || this.error !== undefined) this.#end(wire);
    else this.#give();
  }

  override handleCommandComplete(_message: unknown, wire: Wire): void {
    if (this.error === undefined) this.#give();
    this.#end(wire);
  }

  override handleEmptyQuery(wire: Wire): void {
    this.#end(wire);
  }

  override handleError(err: unknown, wire: Wire): void {
    // What follows a Sync is the answer to it.
    if (this.#wire !== undefined) this.#end(wire);
    super.handleError(err, wire);
  }

  #execute(wire: Wire): void {
    wire.execute({ rows: this.#fetch });
    wire.flush();
  }

  #give(): void {
    if (this.#rows.length > 0) this.#sink(this.#rows);
    this.#rows = [];
  }

  #end(wire: Wire): void {
    this.#suspended = false;
    this.#wire = undefined;
    wire.stream.cork();
    // In a transaction it would stay open beyond the Sync.
    wire.close({ type: "P", name: "" });
    wire.sync();
    wire.stream.uncork();
  }
}
