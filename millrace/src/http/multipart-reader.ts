import { badMultipart } from "./multipart-failure.ts";

const CRLF = Buffer.from("\r\n");
const EMPTY_LINE = Buffer.from("\r\n\r\n");
// RFC 2046 allows spaces behind a boundary; nobody sends many.
const MAX_LINE_BYTES = 256;

/**
 * PartReader finds the parts of a multipart body in the pieces in which it comes. It holds the piece that came last,
 * and of the one before as much as may be the beginning of a delimiter. Source: RFC 2046 section 5.1.1.
 */
export class PartReader {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #delimiter: Buffer;
  // What has come and was not given out. A first delimiter has no line end before it: here is one.
  #held: Buffer = CRLF;
  // What the next bytes are: content (at first the preamble), the rest of a delimiter's line, headers, or nothing.
  #at: "content" | "line" | "head" | "end" = "content";
  // How many bytes at the beginning of held are not content: the empty line's end, which may be a delimiter's too.
  #lead = 0;
  #part = 0;

  constructor(source: AsyncIterable<Uint8Array>, boundary: string) {
    this.#source = source[Symbol.asyncIterator]();
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
  }

  /** next goes to the next part, over what is left of this one, and gives its headers; undefined when there is none. */
  async next(maxHeadBytes: number): Promise<string | undefined> {
    if (this.#at === "content") await this.#skip();
    this.#part++;
    if (!(await this.#line())) return undefined;
    for (;;) {
      const end = this.#held.indexOf(EMPTY_LINE);
      if ((end < 0 ? this.#held.length - EMPTY_LINE.length : end) > maxHeadBytes) {
        throw badMultipart(`has a part whose headers are over ${maxHeadBytes} bytes`);
      }
      if (end >= 0) {
        const head = end === 0 ? "" : this.#held.toString("utf8", CRLF.length, end);
        this.#held = this.#held.subarray(end + CRLF.length);
        this.#lead = CRLF.length;
        this.#at = "content";
        return head;
      }
      await this.#more();
    }
  }

  /** content is the content of this part, until its end or until the next part is asked for. */
  content(): AsyncGenerator<Uint8Array> {
    return this.#contentOf(this.#part);
  }

  async *#contentOf(part: number): AsyncGenerator<Uint8Array> {
    while (this.#at === "content" && this.#part === part) {
      const found = this.#held.indexOf(this.#delimiter);
      const end = found >= 0 ? found : this.#held.length - this.#delimiter.length + 1;
      const chunk = this.#held.subarray(this.#lead, Math.max(end, this.#lead));
      if (found >= 0) {
        this.#held = this.#held.subarray(found + this.#delimiter.length);
        this.#at = "line";
      } else if (chunk.length > 0) {
        this.#held = this.#held.subarray(end);
        this.#lead = 0;
      }
      if (chunk.length > 0) yield chunk;
      else if (found < 0) await this.#more();
    }
  }

  /**
   * close reads what follows the last part and means nothing; of a body that was not read to there it reads no more.
   */
  async close(): Promise<void> {
    if (this.#at !== "end") await this.#source.return?.();
    else while ((await this.#source.next()).done !== true);
  }

  async #skip(): Promise<void> {
    for await (const _ of this.content()) void _;
  }

  // What stands behind a delimiter: "--" after the last part, else the line's end, which stays: no headers at all are an
  // empty line right behind it.
  async #line(): Promise<boolean> {
    while (this.#at === "line") {
      if (this.#held.length >= 2 && this.#held.toString("latin1", 0, 2) === "--") this.#at = "end";
      else {
        const end = this.#held.indexOf(CRLF);
        const line = this.#held.toString("latin1", 0, end < 0 ? this.#held.length : end);
        if (line.length > MAX_LINE_BYTES || !/^(?:-?|[ \t]*\r?)$/.test(line)) {
          throw badMultipart("has a broken boundary line");
        }
        if (end < 0) await this.#more();
        else {
          if (line.startsWith("-")) throw badMultipart("has a broken boundary line");
          this.#held = this.#held.subarray(end);
          this.#at = "head";
        }
      }
    }
    return this.#at === "head";
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done === true) throw badMultipart("ends before its last boundary");
    const chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
  }
}
