import { type Log, type LogOut, newLog } from "millrace/log";
import type { Settings } from "./settings.ts";

// What is personal under a name of its own, at any depth of what is logged. A field as general as "name" cannot be here:
// a migration has one too, so whoever logs a person's wraps it in a Secret.
const PERSONAL = ["email"];

/** openLog makes the process's log: on the standard output, as the settings say, without secrets and personal fields. */
export function openLog({ logLevel, logFormat }: Pick<Settings, "logLevel" | "logFormat">, out?: LogOut): Log {
  return newLog({ level: logLevel, format: logFormat, redact: PERSONAL, ...(out === undefined ? {} : { out }) });
}
