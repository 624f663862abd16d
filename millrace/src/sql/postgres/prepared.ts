import type { Shape } from "./shape.ts";

/** Prepared is a statement that the server knows by name. @internal */
export interface Prepared {
  readonly name: string;
  /** shape is that of its rows, null if it has none; undefined until it was described. */
  shape: Shape | null | undefined;
}

/**
 * PreparedCache names the statements of one connection by their text, up to a bound: the one not used for longest makes
 * room. What is to be forgotten on the server is closed together with the next statement, without a round trip.
 * @internal
 */
export class PreparedCache {
  readonly #size: number;
  // In order of use, the oldest first.
  readonly #byText = new Map<string, Prepared>();
  #forgotten: string[] = [];
  #count = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** get is the statement for a text; undefined: it goes unnamed. */
  get(text: string): Prepared | undefined {
    const found = this.#byText.get(text);
    // The order matters only when one has to make room.
    if (found === undefined || this.#byText.size < this.#size) return found;
    this.#byText.delete(text);
    this.#byText.set(text, found);
    return found;
  }

  /** add names a text that is being prepared, undefined when nothing is kept. */
  add(text: string): Prepared | undefined {
    if (this.#size === 0) return undefined;
    if (this.#byText.size >= this.#size) {
      const [oldest] = this.#byText.keys();
      if (oldest !== undefined) this.drop(oldest);
    }
    const prepared: Prepared = { name: `m${++this.#count}`, shape: undefined };
    this.#byText.set(text, prepared);
    return prepared;
  }

  /** drop forgets a text, because of its age or because it failed: it is prepared anew when it comes again. */
  drop(text: string): void {
    const prepared = this.#byText.get(text);
    if (prepared === undefined) return;
    this.#byText.delete(text);
    this.#forgotten.push(prepared.name);
  }

  /** takeForgotten lists, once, the names to close on the server. */
  takeForgotten(): readonly string[] {
    const names = this.#forgotten;
    if (names.length > 0) this.#forgotten = [];
    return names;
  }
}
