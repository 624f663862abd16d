import type { LaneStatement, Result, Row } from "../driver.ts";
import type { Prepared } from "./prepared.ts";
import { type Column, Shape } from "./shape.ts";
import type { Types } from "./types.ts";

/** Answer is what has come for a statement on its way. @internal */
export class Answer {
  readonly statement: LaneStatement;
  /** prepared is the name under which the server knows the statement or, if `naming`, learns it now. */
  readonly prepared: Prepared | undefined;
  readonly naming: boolean;
  readonly rows: Row[] = [];
  shape: Shape | null | undefined;
  affected = 0;
  command = "";
  error: unknown = undefined;
  next: Answer | undefined = undefined;

  constructor(statement: LaneStatement, prepared: Prepared | undefined, naming: boolean) {
    this.statement = statement;
    this.prepared = prepared;
    this.naming = naming;
    this.shape = prepared?.shape;
  }

  /** described takes RowDescription: int16 count, and for each column its name and what readColumns says. */
  described(bytes: Buffer, start: number, types: Types): void {
    if (this.error !== undefined) return;
    try {
      this.shape = new Shape(readColumns(bytes, start), types);
    } catch (err) {
      this.error = err;
    }
  }

  row(bytes: Buffer, start: number): void {
    if (this.error !== undefined) return;
    try {
      // The server describes rows before it sends any.
      this.rows.push(this.shape!.read(bytes, start));
    } catch (err) {
      this.error = err;
    }
  }

  /** completed takes CommandComplete: "INSERT 0 5", "SELECT 3", with a zero byte at the end. */
  completed(bytes: Buffer, start: number, end: number): void {
    const space = bytes.indexOf(0x20, start);
    const wordEnd = space < 0 || space >= end ? end - 1 : space;
    this.command = commandOf(bytes, start, wordEnd);
    let affected = 0;
    let unit = 1;
    for (let i = end - 2; i > wordEnd && bytes[i] !== 0x20; i--) {
      affected += (bytes[i]! - 0x30) * unit;
      unit *= 10;
    }
    this.affected = affected;
  }

  result(): Result {
    return { rows: this.rows, affected: this.affected, command: this.command };
  }
}

function commandOf(bytes: Buffer, start: number, end: number): string {
  if (bytes[start] === 0x53 && end - start === 6) return "SELECT";
  return bytes.toString("latin1", start, end);
}

// For each column: name, int32 table, int16 column, int32 type, int16 size, int32 modifier, int16 format.
function readColumns(bytes: Buffer, start: number): Column[] {
  const columns: Column[] = [];
  let at = start + 2;
  for (let left = bytes.readInt16BE(start); left > 0; left--) {
    const end = bytes.indexOf(0, at);
    columns.push({
      name: bytes.toString("utf8", at, end),
      tableID: bytes.readUInt32BE(end + 1),
      columnID: bytes.readInt16BE(end + 5),
      dataTypeID: bytes.readUInt32BE(end + 7),
    });
    at = end + 19;
  }
  return columns;
}
