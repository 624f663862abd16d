import { pino } from "pino";
import type { Level } from "./level.ts";
import type { Plain } from "./plain.ts";
import type { Sink } from "./sink.ts";

/** Fields are the attributes of one line, made plain. */
export type Fields = Readonly<Record<string, Plain>>;

/** WriteLine formats a line and gives it to a sink. */
export type WriteLine = (level: Level, msg: string, fields: Fields) => void;

/** jsonLines writes one JSON object a line: level as a word, time in RFC 3339 and UTC, the fields, msg last. */
export function jsonLines(sink: Sink): WriteLine {
  const encoder = pino(
    {
      level: "debug",
      // No pid and host name: the platform that collects the lines knows them.
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      // The fields are plain already; pino's own serializer would take ours for an Error.
      serializers: { err: (value: unknown) => value },
    },
    { write: (line: string) => sink.write(line, urgent) },
  );
  let urgent = false;
  return (level, msg, fields) => {
    urgent = level === "error";
    encoder[level](fields, msg);
  };
}
