import { Exchange, type Wire } from "./exchange.ts";
import { type Arg, type Formats, encode, encodeArgs } from "./args.ts";

// What is gathered before it is written.
const CHUNK_CHARS = 32 * 1024;

/**
 * CopyRows is a COPY FROM STDIN in the text format: a line per row, a tab between values, \N for null.
 * Source: https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2
 * @internal
 */
export class CopyRows extends Exchange {
  readonly #text: string;
  readonly #formats: Formats;
  #wire: Wire | undefined = undefined;
  #state: "asked" | "copying" | "over" = "asked";
  #failed = false;
  #lines = "";
  #full = false;
  #waiting: PromiseWithResolvers<void> | undefined = undefined;
  /** tag is the server's command tag. */
  tag = "";

  constructor(text: string, formats: Formats) {
    super();
    this.#text = text;
    this.#formats = formats;
  }

  get ended(): boolean {
    return this.#state === "over" || this.#failed;
  }

  submit(wire: Wire): null {
    wire.query(this.#text);
    return null;
  }

  async room(): Promise<void> {
    if (this.ended || (this.#state === "copying" && !this.#full)) return;
    this.#waiting ??= Promise.withResolvers();
    await this.#waiting.promise;
  }

  /** add takes the values of a row; false: enough for now. Throws, and takes nothing of it, as encodeArgs does. */
  add(values: readonly unknown[]): boolean {
    let lines = this.#lines;
    try {
      for (let i = 0; i < values.length; i++) {
        if (i > 0) lines += "\t";
        const value = values[i];
        // Most columns of most tables: nothing in a number has to be escaped.
        lines += typeof value === "number" ? String(encode(value, this.#formats)) : field(encode(value, this.#formats));
      }
    } catch (err) {
      // It says which value it was.
      encodeArgs(this.#text, values, this.#formats);
      throw err;
    }
    this.#lines = `${lines}\n`;
    if (this.#lines.length >= CHUNK_CHARS) this.#write();
    return !this.#full;
  }

  end(): void {
    if (this.ended) return;
    this.#write();
    this.#wire?.endCopyFrom();
  }

  fail(): void {
    if (this.ended) return;
    this.#failed = true;
    if (this.#state === "copying") this.#wire?.sendCopyFail("given up by the client");
    this.#wake();
  }

  /** close ends it when the connection is lost, of which no message tells. */
  close(): void {
    this.#state = "over";
    this.#wake();
  }

  override handleCopyInResponse(wire: Wire): void {
    this.#wire = wire;
    this.#state = "copying";
    if (this.#failed) wire.sendCopyFail("given up by the client");
    this.#wake();
  }

  override handleCommandComplete(message: { readonly text: string }): void {
    this.tag = message.text;
  }

  override handleError(err: unknown, wire: Wire): void {
    super.handleError(err, wire);
    this.close();
  }

  override handleReadyForQuery(): void {
    this.close();
  }

  #write(): void {
    const wire = this.#wire;
    if (this.#lines === "" || wire === undefined || this.ended) return;
    // CopyData: 'd', int32 length, the data: at most three bytes of UTF-8 for a UTF-16 unit.
    const message = Buffer.allocUnsafe(5 + 3 * this.#lines.length);
    const length = message.write(this.#lines, 5);
    message[0] = 0x64;
    message.writeInt32BE(4 + length, 1);
    this.#lines = "";
    if (wire.stream.write(message.subarray(0, 5 + length))) return;
    this.#full = true;
    wire.stream.once("drain", () => {
      this.#full = false;
      this.#wake();
    });
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}

function field(value: Arg): string {
  if (value === null) return "\\N";
  if (typeof value !== "string") return `\\\\x${value.toString("hex")}`;
  return /[\\\n\r\t]/.test(value) ? value.replace(/[\\\n\r\t]/g, escaped) : value;
}

function escaped(char: string): string {
  switch (char) {
    case "\n":
      return "\\n";
    case "\r":
      return "\\r";
    case "\t":
      return "\\t";
    default:
      return "\\\\";
  }
}
