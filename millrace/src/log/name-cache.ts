import { freeName } from "./fields.ts";
import { MASK } from "./redact.ts";

/** Name is what is known of an attribute's name. */
export interface Name {
  /** json is what stands before the value: `,"name":`, or the whole field if the value is not to be written. */
  readonly json: string;
  readonly redacted: boolean;
  /** place is one for all names that are written with the same name. */
  readonly place: Place;
}

interface Place {
  /** line is the number of the last line that had this name. */
  line: number;
}

// A program has some hundred names; one that logs names that come from outside would otherwise keep all of them.
const MAX_CHARS = 65_536;

/**
 * NameCache decides once for each name what is the same on every line, and says whether the line at hand has a name
 * already.
 */
export class NameCache {
  readonly #redacted: (name: string) => boolean;
  readonly #names = new Map<string, Name>();
  // Characters in #names.
  #chars = 0;
  #line = 0;

  constructor(redacted: (name: string) => boolean) {
    this.#redacted = redacted;
  }

  /** startLine forgets which names the line has. */
  startLine(): void {
    this.#line++;
    if (this.#chars < MAX_CHARS) return;
    this.#names.clear();
    this.#chars = 0;
  }

  /** take gives a name to the line, or undefined if it has it already. */
  take(name: string): Name | undefined {
    const known = this.#names.get(name) ?? this.#add(name);
    if (known.place.line === this.#line) return undefined;
    known.place.line = this.#line;
    return known;
  }

  #add(name: string): Name {
    const free = freeName(name);
    const redacted = this.#redacted(name);
    const json = `,${JSON.stringify(free)}:${redacted ? `"${MASK}"` : ""}`;
    const place = free === name ? { line: 0 } : (this.#names.get(free) ?? this.#add(free)).place;
    const added = { json, redacted, place };
    this.#names.set(name, added);
    this.#chars += name.length;
    return added;
  }
}
