import type { Parse } from "./array.ts";

/** TemporalTypes is what of Temporal is used: the global of Node 26, or a polyfill's. */
export interface TemporalTypes {
  readonly Instant: { from(text: string): unknown };
  readonly PlainDate: { from(text: string): unknown };
  readonly PlainTime: { from(text: string): unknown };
  readonly PlainDateTime: { from(text: string): unknown };
  readonly Duration: { from(fields: Readonly<Record<string, number>>): unknown };
}

// The ends of what Temporal can hold stand for infinity, so that the type of a column does not depend on its values and
// infinity still sorts where it belongs. Source: https://tc39.es/proposal-temporal/#sec-temporal-instant-abstract-ops
const INFINITY = {
  Instant: ["-271821-04-20T00:00:00Z", "+275760-09-13T00:00:00Z"],
  PlainDate: ["-271821-04-19", "+275760-09-13"],
  PlainDateTime: ["-271821-04-19T00:00:00.000000001", "+275760-09-13T23:59:59.999999999"],
} as const;

const DAY = /^(\d+)(-\d\d-\d\d)(.*?)( BC)?$/;

// 1 year 2 mons -3 days +04:05:06.789; each sign is its own.
const INTERVAL =
  /^(?:(-?\d+) years? ?)?(?:(-?\d+) mons? ?)?(?:([-+]?\d+) days? ?)?(?:([-+])?(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/;

/** temporalParsers is how date, time, timestamp, timestamptz and interval are read, by oid. @internal */
export function temporalParsers(temporal: TemporalTypes): ReadonlyMap<number, Parse> {
  const day = (type: keyof typeof INFINITY): Parse => {
    const [least, greatest] = INFINITY[type];
    return (text) => {
      if (text === "infinity") return temporal[type].from(greatest);
      if (text === "-infinity") return temporal[type].from(least);
      return temporal[type].from(isoDay(text));
    };
  };
  return new Map<number, Parse>([
    [1082, day("PlainDate")],
    [1083, (text) => temporal.PlainTime.from(text)],
    [1114, day("PlainDateTime")],
    [1184, day("Instant")],
    [1186, (text) => temporal.Duration.from(durationFields(text))],
  ]);
}

/**
 * formatTemporal writes a value of Temporal for the server, undefined if it is none. What is finer than a microsecond is
 * cut off. @internal
 */
export function formatTemporal(value: object): string | undefined {
  const tag = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (typeof tag !== "string" || !tag.startsWith("Temporal.")) return undefined;
  const type = tag.slice("Temporal.".length);
  switch (type) {
    case "PlainTime":
      return micros(value);
    case "PlainDate":
    case "PlainDateTime":
    case "Instant": {
      const [least, greatest] = INFINITY[type];
      const text = String(value);
      if (text === greatest) return "infinity";
      if (text === least) return "-infinity";
      return serverDay(micros(value));
    }
    case "ZonedDateTime":
      return formatTemporal((value as { toInstant(): object }).toInstant());
    case "Duration":
      return formatDuration(value as Duration);
    default:
      throw new TypeError(`is a ${tag}, which PostgreSQL has no type for`);
  }
}

// As ISO 8601 has it: 0044-03-15 BC is the year -000043, and a year of more than four digits has a sign and six.
function isoDay(text: string): string {
  const m = DAY.exec(text);
  if (m === null) return text;
  const [, digits, day, rest, bc] = m as unknown as [string, string, string, string, string | undefined];
  if (bc === undefined && digits.length === 4) return text;
  const year = bc === undefined ? Number(digits) : 1 - Number(digits);
  return `${year < 0 ? "-" : "+"}${String(Math.abs(year)).padStart(6, "0")}${day}${rest}`;
}

// The other way round.
function serverDay(text: string): string {
  const m = /^([-+]?\d+)(-\d\d-\d\d.*)$/.exec(text);
  const year = Number(m?.[1]);
  const [years, era] = year > 0 ? [year, ""] : [1 - year, " BC"];
  return `${String(years).padStart(4, "0")}${m?.[2]}${era}`;
}

function micros(value: object): string {
  return (value as { toString(options: object): string }).toString({ smallestUnit: "microsecond" });
}

function durationFields(text: string): Record<string, number> {
  const m = INTERVAL.exec(text);
  if (m === null) throw new RangeError("IntervalStyle must be postgres");
  const [, years, months, days, sign, hours, minutes, seconds, fraction] = m;
  const of = (digits: string | undefined): number => (digits === undefined ? 0 : Number(`${sign ?? ""}${digits}`) || 0);
  const us = (fraction ?? "").padEnd(6, "0");
  return {
    years: Number(years ?? 0) || 0,
    months: Number(months ?? 0) || 0,
    days: Number(days ?? 0) || 0,
    hours: of(hours),
    minutes: of(minutes),
    seconds: of(seconds),
    milliseconds: of(us.slice(0, 3)),
    microseconds: of(us.slice(3)),
  };
}

type Duration = Record<
  | "years"
  | "months"
  | "weeks"
  | "days"
  | "hours"
  | "minutes"
  | "seconds"
  | "milliseconds"
  | "microseconds"
  | "nanoseconds",
  number
>;

function formatDuration(d: Duration): string {
  // Exact whatever the size of each.
  const us =
    ((BigInt(d.hours) * 60n + BigInt(d.minutes)) * 60n + BigInt(d.seconds)) * 1_000_000n +
    BigInt(d.milliseconds) * 1000n +
    BigInt(d.microseconds) +
    BigInt(d.nanoseconds) / 1000n;
  return `${d.years * 12 + d.months} mons ${d.weeks * 7 + d.days} days ${us / 3_600_000_000n} hours ${us % 3_600_000_000n} microseconds`;
}
