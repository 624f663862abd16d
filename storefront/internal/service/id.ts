import { randomUUIDv7 } from "node:crypto";

/** newId makes a UUIDv7 (RFC 9562): ids sort by the time they were made, so lists and indexes are in that order. */
export function newId(): string {
  return randomUUIDv7();
}
