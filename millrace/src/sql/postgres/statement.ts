import type { Result, Row } from "../driver.ts";
import type { Arg } from "./args.ts";
import { Exchange, type Wire } from "./exchange.ts";
import { Packet } from "./packet.ts";
import type { Prepared } from "./prepared.ts";
import { type Column, Shape } from "./shape.ts";
import type { Types } from "./types.ts";

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

/** Planned is a statement that goes together with others. @internal */
export interface Planned {
  readonly text: string;
  readonly plan: Plan;
}

/**
 * Statement is one statement or script on its way through pg's Client, which calls it for each message of the server.
 * A known statement goes as Bind, Execute, Sync: neither parsed nor described again.
 * Source: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 * @internal
 */
export class Statement extends Exchange {
  readonly #text: string;
  readonly #plan: Plan | undefined;
  readonly #rows: Row[] = [];
  // What goes ahead of it and has not ended yet.
  #ahead: Planned | undefined;
  #shape: Shape | null | undefined;
  #tag = "";

  constructor(text: string, plan: Plan | undefined, ahead?: Planned) {
    super();
    this.#text = text;
    this.#plan = plan;
    this.#ahead = ahead;
    this.#shape = plan?.prepared?.shape;
  }

  /** result is what the statement gave, once it is over without an error. */
  result(): Result {
    return resultOf(this.#rows, this.#tag);
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
    if (this.#ahead !== undefined) add(this.#ahead.text, this.#ahead.plan, false);
    add(this.#text, plan, this.#shape === undefined);
    send(wire);
    return null;
  }

  override handleRowDescription(message: { readonly fields: readonly Column[] }): void {
    const plan = this.#plan;
    if (plan === undefined) return;
    this.attempt(() => {
      this.#shape = new Shape(message.fields, plan.types);
    });
  }

  override handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    if (this.#plan === undefined || this.error !== undefined) return;
    this.attempt(() => {
      // The server describes rows before it sends any.
      this.#rows.push(this.#shape!.row(message.fields));
    });
  }

  override handleCommandComplete(message: { readonly text: string }): void {
    if (this.#ahead === undefined) this.#tag = message.text;
    else {
      const { prepared } = this.#ahead.plan;
      if (prepared !== undefined) prepared.shape = null;
      this.#ahead = undefined;
    }
  }

  override handleReadyForQuery(): void {
    const prepared = this.#plan?.prepared;
    if (prepared !== undefined && this.error === undefined) prepared.shape = this.#shape ?? null;
  }

  override handleCopyInResponse(wire: Wire): void {
    super.handleCopyInResponse(wire);
    // The server has skipped the first Sync as a part of the copy.
    if (this.#plan !== undefined) wire.sync();
  }
}

// Of all connections: what is in it is sent before anybody else can add to it.
const packet = new Packet();

/** add puts a statement, up to its Execute, into the packet that `send` sends. @internal */
export function add(text: string, plan: Plan, describe: boolean): void {
  const name = plan.prepared?.name ?? "";
  for (const forgotten of plan.forget) packet.closeStatement(forgotten);
  if (plan.parse) packet.parse(name, text);
  packet.bind(name, plan.args);
  if (describe) packet.describePortal();
  packet.execute();
}

/** send adds a Sync and writes what was added, all at once. @internal */
export function send(wire: Wire): void {
  packet.sync();
  wire.stream.write(packet.take());
}

/** resultOf reads a command tag: "INSERT 0 5", "SELECT 3", "CREATE TABLE". @internal */
export function resultOf(rows: readonly Row[], tag: string): Result {
  const words = tag.split(" ");
  const affected = Number(words.at(-1));
  return { rows, affected: Number.isNaN(affected) ? 0 : affected, command: words[0] ?? "" };
}
