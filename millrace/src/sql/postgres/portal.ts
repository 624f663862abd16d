import type { Row } from "../driver.ts";
import type { Arg } from "./args.ts";
import { Exchange, type Wire } from "./exchange.ts";
import type { Shape } from "./shape.ts";

/**
 * Portal is a statement, described before, whose rows are fetched so many at a time.
 *
 *     Parse Bind Execute(fetch) Flush    → rows, PortalSuspended
 *     Execute(fetch) Flush               → rows, PortalSuspended, …, CommandComplete
 *     Close Sync                         → ReadyForQuery
 *
 * Without a Sync in between the server stays in one transaction. @internal
 */
export class Portal extends Exchange {
  readonly #text: string;
  readonly #args: readonly Arg[];
  readonly #fetch: number;
  readonly #sink: (rows: readonly Row[]) => void;
  #wire: Wire | undefined = undefined;
  #name: string | undefined = undefined;
  #shape: Shape | null = null;
  #rows: Row[] = [];
  // The server waits for what comes next.
  #suspended = false;
  #stopped = false;

  constructor(text: string, args: readonly Arg[], fetch: number, sink: (rows: readonly Row[]) => void) {
    super();
    this.#text = text;
    this.#args = args;
    this.#fetch = fetch;
    this.#sink = sink;
  }

  /** described says what the rows look like, and how the statement is called; undefined: it is to be parsed, unnamed. */
  described(shape: Shape | null, name: string | undefined): void {
    this.#shape = shape;
    this.#name = name;
  }

  submit(wire: Wire): null {
    this.#wire = wire;
    const name = this.#name ?? "";
    wire.stream.cork();
    if (this.#name === undefined) wire.parse({ name, text: this.#text });
    wire.bind({ statement: name, values: this.#args });
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

  override handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    if (this.error !== undefined || this.#stopped) return;
    this.attempt(() => {
      // A statement without rows sends none.
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
