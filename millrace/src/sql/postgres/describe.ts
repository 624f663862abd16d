import { Exchange, type Wire } from "./exchange.ts";
import { type Column, Shape } from "./shape.ts";
import type { Types } from "./types.ts";

/** Describe prepares a statement and asks what its rows look like; nothing of it runs. @internal */
export class Describe extends Exchange {
  /** shape is null when the statement has no rows. */
  shape: Shape | null = null;
  readonly #name: string;
  readonly #text: string;
  readonly #types: Types;

  constructor(name: string, text: string, types: Types) {
    super();
    this.#name = name;
    this.#text = text;
    this.#types = types;
  }

  submit(wire: Wire): null {
    wire.stream.cork();
    wire.parse({ name: this.#name, text: this.#text });
    wire.describe({ type: "S", name: this.#name });
    wire.sync();
    wire.stream.uncork();
    return null;
  }

  override handleRowDescription(message: { readonly fields: readonly Column[] }): void {
    this.attempt(() => {
      this.shape = new Shape(message.fields, this.#types);
    });
  }
}
