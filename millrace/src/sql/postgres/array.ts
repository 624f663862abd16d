/** Parse reads one value from the server's text format. @internal */
export type Parse = (text: string) => unknown;

/**
 * parseArray reads PostgreSQL's text form of an array: {1,2,NULL}, {"a b","c\"d"}, {{1},{2}}, [0:1]={1,2} (the bounds
 * are dropped). The delimiter is a comma but for box. Source: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 * @internal
 */
export function parseArray(text: string, parse: Parse, delimiter = ","): unknown[] {
  const reader = new Reader(text, parse, delimiter);
  return reader.array();
}

class Reader {
  readonly #text: string;
  readonly #parse: Parse;
  readonly #delimiter: string;
  #at: number;

  constructor(text: string, parse: Parse, delimiter: string) {
    this.#text = text;
    this.#parse = parse;
    this.#delimiter = delimiter;
    this.#at = text.indexOf("{");
  }

  array(): unknown[] {
    const values: unknown[] = [];
    this.#at++;
    while (this.#at < this.#text.length) {
      const c = this.#text[this.#at];
      if (c === "}") {
        this.#at++;
        break;
      }
      if (c === this.#delimiter) this.#at++;
      else if (c === "{") values.push(this.array());
      else if (c === '"') values.push(this.#parse(this.#quoted()));
      else values.push(this.#plain());
    }
    return values;
  }

  #quoted(): string {
    let value = "";
    let from = ++this.#at;
    for (; this.#text[this.#at] !== '"' && this.#at < this.#text.length; this.#at++) {
      if (this.#text[this.#at] !== "\\") continue;
      value += this.#text.slice(from, this.#at);
      from = ++this.#at;
    }
    value += this.#text.slice(from, this.#at++);
    return value;
  }

  #plain(): unknown {
    const from = this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      if (this.#text[this.#at] === this.#delimiter || this.#text[this.#at] === "}") break;
    }
    const value = this.#text.slice(from, this.#at);
    return value === "NULL" ? null : this.#parse(value);
  }
}
