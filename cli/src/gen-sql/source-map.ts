/** Edit replaces a part of a text. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** SourceMap is a part of a text after edits, and the way from places in it back to the text. */
export class SourceMap {
  readonly sql: string;
  // Where each piece begins in sql and in the text; an edited piece leads to where the edit begins.
  readonly #pieces: readonly (readonly [sql: number, text: number, edited: boolean])[];

  constructor(text: string, start: number, end: number, edits: readonly Edit[]) {
    const pieces: [number, number, boolean][] = [];
    let sql = "";
    let at = start;
    for (const edit of edits) {
      pieces.push([sql.length, at, false]);
      sql += text.slice(at, edit.start);
      pieces.push([sql.length, edit.start, true]);
      sql += edit.text;
      at = edit.end;
    }
    pieces.push([sql.length, at, false]);
    this.sql = sql + text.slice(at, end);
    this.#pieces = pieces;
  }

  /** toSource is the place in the text of an offset in sql, both in UTF-16 units. */
  toSource(offset: number): number {
    const [sql, text, edited] = this.#pieces.findLast(([from]) => from <= offset) ?? [0, 0, false];
    return edited ? text : text + offset - sql;
  }

  /** fromBytes is toSource for an offset that counts bytes of UTF-8, as libpg-query's do. */
  fromBytes(offset: number): number {
    return this.toSource(Buffer.from(this.sql).subarray(0, offset).toString().length);
  }

  /** fromPosition is toSource for a position that counts characters from 1, as those in PostgreSQL's errors do. */
  fromPosition(position: number): number {
    return this.toSource(
      Array.from(this.sql)
        .slice(0, position - 1)
        .join("").length,
    );
  }
}
