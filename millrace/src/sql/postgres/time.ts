import { unreadable } from "./unreadable.ts";

// The ends of what a Date can hold stand for infinity, so that the type of a column does not depend on its values and
// infinity still sorts where it belongs. Source: https://tc39.es/ecma262/#sec-time-values-and-time-range
const MAX_DATE_MS = 8_640_000_000_000_000;

// 2026-01-02 03:04:05.678901+05:30 BC; the offset of old dates has seconds.
const TIMESTAMPTZ =
  /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?( BC)?$/;

/**
 * parseTimestamptz reads a timestamptz as a Date; microseconds are cut off, infinity is the greatest or least Date.
 * A time that no Date can hold is out_of_range. @internal
 */
export function parseTimestamptz(text: string): Date {
  const common = parseCommon(text);
  if (common !== undefined) return common;
  if (text === "infinity") return new Date(MAX_DATE_MS);
  if (text === "-infinity") return new Date(-MAX_DATE_MS);
  const m = TIMESTAMPTZ.exec(text);
  if (m === null) throw unreadable(`the timestamp ${text} is not in the ISO style: DateStyle must be ISO`);
  const [, year, month, day, hour, minute, second, fraction, sign, offsetH, offsetM, offsetS, bc] = m;
  const date = new Date(0);
  date.setUTCFullYear(bc === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day));
  const ms = fraction === undefined ? 0 : Number(fraction.padEnd(3, "0").slice(0, 3));
  date.setUTCHours(Number(hour), Number(minute), Number(second), ms);
  const offset = Number(offsetH) * 3_600_000 + Number(offsetM ?? 0) * 60_000 + Number(offsetS ?? 0) * 1000;
  date.setTime(date.getTime() - (sign === "-" ? -offset : offset));
  if (Number.isNaN(date.getTime())) throw unreadable(`the timestamp ${text} is outside of what a Date can hold`);
  return date;
}

// "2026-01-02 03:04:05.678901+00" of the years 1000 to 9999, digit by digit: a list of rows is full of these, and the
// expression takes ten times as long. Undefined: it looks otherwise.
function parseCommon(text: string): Date | undefined {
  const year = two(text, 0) * 100 + two(text, 2);
  if (!(year >= 1000 && text[4] === "-" && text[10] === " ")) return undefined;
  let at = 19;
  let ms = 0;
  if (text[at] === ".") {
    for (let weight = 100; isDigit(text, ++at); weight /= 10) if (weight >= 1) ms += digit(text, at) * weight;
  }
  const sign = text[at];
  if ((sign !== "+" && sign !== "-") || text.length !== at + 3) return undefined;
  const offset = (sign === "-" ? -1 : 1) * two(text, at + 1);
  return new Date(
    Date.UTC(year, two(text, 5) - 1, two(text, 8), two(text, 11) - offset, two(text, 14), two(text, 17), ms),
  );
}

function two(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - 48;
}

function isDigit(text: string, at: number): boolean {
  const value = digit(text, at);
  return value >= 0 && value <= 9;
}

/** formatDate writes a Date for the server, in UTC. @internal */
export function formatDate(date: Date): string {
  const ms = date.getTime();
  if (ms === MAX_DATE_MS) return "infinity";
  if (ms === -MAX_DATE_MS) return "-infinity";
  const iso = date.toISOString();
  const year = date.getUTCFullYear();
  if (year >= 1 && year <= 9999) return iso;
  // toISOString writes such years with a sign and six digits.
  const [years, era] = year > 0 ? [year, ""] : [1 - year, " BC"];
  return `${String(years).padStart(4, "0")}${iso.slice(-20)}${era}`;
}
