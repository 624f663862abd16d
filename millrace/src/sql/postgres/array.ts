/** Parse reads one value from the server's text format. @internal */
export type Parse = (text: string) => unknown;

/**
 * parseArray reads PostgreSQL's text form of an array: {1,2,NULL}, {"a b","c\"d"}, {{1},{2}}, [0:1]={1,2} (the bounds
 * are dropped). Source: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 * @internal
 */
export function parseArray(text: string, parse: Parse): unknown[] {
  const reader = new Reader(text, parse);
  return reader.array();
}

class Reader {
  readonly #text: string;
  readonly #parse: Parse;
  #at: number;

  constructor(text: string, parse: Parse) {
    this.#text = text;
    this.#parse = parse;
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
      if (c === ",") this.#at++;
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
    while (this.#at < this.#text.length && this.#text[this.#at] !== "," && this.#text[this.#at] !== "}") this.#at++;
    const value = this.#text.slice(from, this.#at);
    return value === "NULL" ? null : this.#parse(value);
  }
}
