import type { Ctx } from "../../context/index.ts";
import type { Failure } from "../../errors/index.ts";

// The driver interface of millrace/sql, until its folder is here; then this file goes and its importers take that one.

export type Row = Record<string, unknown>;

export interface Result {
  readonly rows: readonly Row[];
  readonly affected: number;
  readonly command: string;
}

export interface Driver {
  readonly name: string;
  readonly can: { readonly cancel: boolean; readonly advisoryLocks: boolean };
  connect(ctx: Ctx): Promise<Conn>;
  ping(ctx: Ctx): Promise<void>;
  close(): Promise<void>;
}

export interface Conn {
  query(text: string, args: readonly unknown[]): Promise<Result>;
  script(text: string): Promise<void>;
  cancel(): Promise<void>;
  close(): Promise<void>;
  destroy(): void;
  readonly inTransaction: boolean;
  readonly broken: Failure | undefined;
}
