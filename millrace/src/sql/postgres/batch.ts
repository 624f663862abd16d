import type { Result, Row } from "../driver.ts";
import { Exchange, type Wire, noCopy } from "./exchange.ts";
import type { Prepared } from "./prepared.ts";
import { type Column, Shape } from "./shape.ts";
import { type Planned, add, resultOf, send } from "./statement.ts";

interface Unread {
  readonly shape: Shape;
  readonly prepared: Prepared | undefined;
  readonly rows: readonly Row[];
}

/**
 * Batch is several statements with one Sync at the end, which the server therefore runs in one transaction; after an
 * error it skips the rest.
 * Source: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 * @internal
 */
export class Batch extends Exchange {
  readonly #statements: readonly Planned[];
  /** results are those of the statements that are done; their number is the place of the one that runs or failed. */
  readonly results: Result[] = [];
  /** unread are the results with columns that came as text because their types are still to be learned. */
  readonly unread: Unread[] = [];
  #rows: Row[] = [];
  #shape: Shape | null | undefined = undefined;

  constructor(statements: readonly Planned[]) {
    super();
    this.#statements = statements;
  }

  submit(wire: Wire): null {
    this.#begin();
    for (const { text, plan } of this.#statements) add(text, plan, plan.prepared?.shape === undefined);
    send(wire);
    return null;
  }

  override handleRowDescription(message: { readonly fields: readonly Column[] }): void {
    const planned = this.#statements[this.results.length];
    if (planned === undefined) return;
    this.attempt(() => {
      this.#shape = new Shape(message.fields, planned.plan.types);
    });
  }

  override handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    if (this.error !== undefined) return;
    this.attempt(() => {
      // The server describes rows before it sends any.
      this.#rows.push(this.#shape!.row(message.fields));
    });
  }

  override handleCommandComplete(message: { readonly text: string }): void {
    this.#done(message.text);
  }

  override handleEmptyQuery(): void {
    this.#done("");
  }

  override handleCopyInResponse(wire: Wire): void {
    this.error ??= noCopy();
    // A statement behind it has ended the copy with an error; a Sync alone was skipped as a part of it.
    if (this.results.length < this.#statements.length - 1) return;
    super.handleCopyInResponse(wire);
    wire.sync();
  }

  #begin(): void {
    this.#rows = [];
    this.#shape = this.#statements[this.results.length]?.plan.prepared?.shape;
  }

  #done(tag: string): void {
    if (this.error !== undefined) return;
    const prepared = this.#statements[this.results.length]?.plan.prepared;
    if (prepared !== undefined) prepared.shape = this.#shape ?? null;
    const shape = this.#shape ?? null;
    if (shape !== null && shape.unknown.length > 0) this.unread.push({ shape, prepared, rows: this.#rows });
    this.results.push(resultOf(this.#rows, tag));
    this.#begin();
  }
}
