import { createHash } from "node:crypto";
import path from "node:path";
import { type MigrationFile, badFile } from "./migration.ts";

/** fileOf reads what a file's name says and sums up its text; kind is how the name must end. @internal */
export function fileOf(file: string, normal: string, kind: "sql" | "ts"): MigrationFile {
  const base = path.basename(file);
  const named = /^(\d+)_(.+)\.(sql|ts)$/.exec(base);
  if (named === null || named[3] !== kind || BigInt(named[1]!) === 0n) {
    throw badFile(file, `a migration is called like 00001_add_users.${kind} or 20260102030405_add_users.${kind}`);
  }
  return {
    version: BigInt(named[1]!),
    name: named[2]!,
    file: base,
    checksum: createHash("sha256").update(normal).digest("hex"),
  };
}

/** normalize makes one text of what editors and Git may write in two ways. @internal */
export function normalize(text: string): string {
  return text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
}
