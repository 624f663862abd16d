import type { Attrs } from "./attrs.ts";
import { type Fixed, LOG_ERROR } from "./fields.ts";
import { isoTimes } from "./iso-time.ts";
import type { Level } from "./level.ts";
import { NameCache } from "./name-cache.ts";
import { plain, plainText, threw } from "./plain.ts";
import type { Sink } from "./sink.ts";

/** WriteLine formats a line of a log's fields, its context's attributes and the call's, and gives it to a sink. */
export type WriteLine = (
  level: Level,
  msg: string,
  fixed: Fixed,
  inherited: Attrs | undefined,
  attrs: Attrs | undefined,
) => void;

/** jsonLines writes one JSON object a line: level as a word, time in RFC 3339 and UTC, the fields, msg last. */
export function jsonLines(sink: Sink, redacted: (name: string) => boolean): WriteLine {
  const time = isoTimes();
  const shared = new NameCache(redacted);
  let busy = false;
  return (level, msg, fixed, inherited, attrs) => {
    // A getter may log too: that line must not take the names of the one at hand.
    const nested = busy;
    const names = nested ? new NameCache(redacted) : shared;
    busy = true;
    names.startLine();
    // The last first: what is later wins.
    const own = attrs === undefined ? "" : attrsJson(attrs, names, redacted);
    const above = inherited === undefined ? "" : attrsJson(inherited, names, redacted);
    const head = `{"level":"${level}","time":"${time(Date.now())}"${fixedJson(fixed, names)}`;
    busy = nested;
    sink.write(`${head}${above}${own},"msg":${JSON.stringify(msg)}}\n`, level === "error");
  };
}

function fixedJson(fixed: Fixed, names: NameCache): string {
  let text = "";
  for (const { name, json } of fixed.json) if (names.take(name) !== undefined) text += json;
  return text;
}

function attrsJson(attrs: Attrs, names: NameCache, redacted: (name: string) => boolean): string {
  let keys: readonly string[];
  try {
    keys = Object.keys(attrs);
  } catch (err) {
    return attrsJson({ [LOG_ERROR]: plainText(err) }, names, redacted);
  }
  let text = "";
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i]!;
    const name = names.take(key);
    if (name === undefined) continue;
    if (name.redacted) text = name.json + text;
    else {
      const value = valueJson(attrs, key, redacted);
      if (value !== undefined) text = name.json + value + text;
    }
  }
  return text;
}

// A value that plain would give back as it is takes the short way.
function valueJson(attrs: Attrs, key: string, redacted: (name: string) => boolean): string | undefined {
  try {
    const value = attrs[key];
    switch (typeof value) {
      case "string":
        return JSON.stringify(plainText(value));
      case "number":
        return Number.isFinite(value) ? String(value) : `"${value}"`;
      case "boolean":
        return value ? "true" : "false";
      case "undefined":
        return undefined;
      default:
        return JSON.stringify(plain(value, { redacted, above: [attrs] }));
    }
  } catch (err) {
    return JSON.stringify(threw(err));
  }
}
