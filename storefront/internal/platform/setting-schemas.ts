import { clientIp } from "millrace/middleware";
import { parseDuration } from "millrace/time";
import { z } from "zod";

/** Schema gives a setting's value from a variable's text, which may be missing. */
type Schema<T> = z.ZodType<T, string | undefined>;

/** whole is a number in digits, within bounds: z.coerce would take " " for 0 and "0x50" for 80. */
export const whole = (min: number, max: number, fallback: number): Schema<number> =>
  z
    .string()
    .refine((text) => /^\d+$/.test(text) && +text >= min && +text <= max, `must be a whole number, ${min} to ${max}`)
    .default(String(fallback))
    .transform(Number);

// What a timer can wait; nobody means more.
const MAX_DURATION_MS = parseDuration("24d");

/** duration is "500ms" or "1m30s", in milliseconds. */
export const duration = (fallback: string): Schema<number> =>
  z
    .string()
    .regex(/^(0|(\d+(\.\d+)?(ms|[smhd]))+)$/, 'must be a duration such as "500ms" or "1m30s"')
    .default(fallback)
    .transform(parseDuration)
    .refine((ms) => ms <= MAX_DURATION_MS, "must be at most 24 days");

/** ranges are addresses and CIDR ranges, separated by commas. */
export const ranges: Schema<string[]> = z
  .string()
  .default("")
  .transform((text, { issues }) => {
    const trusted = text.split(",").flatMap((range) => range.trim() || []);
    try {
      clientIp({ trusted });
    } catch (err) {
      issues.push({ code: "custom", message: (err as Error).message, input: text });
    }
    return trusted;
  });

/** part is a number from 0 to 1. */
export const part = (fallback: string): Schema<number> =>
  z
    .string()
    .refine((text) => /^\d+(\.\d+)?$/.test(text) && +text <= 1, "must be a number from 0 to 1, such as 0.1")
    .default(fallback)
    .transform(Number);

const HOST = "[\\w.-]+|\\[[\\da-fA-F:.]+\\]";

/** host is an address or a name to listen on. */
export const host: Schema<string> = z
  .string()
  .regex(new RegExp(`^(${HOST})$`), 'must be an address or a name, without scheme and port; IPv6 as "[::1]"')
  .default("127.0.0.1");

/** address is "HOST:PORT", or "off" for none. */
export const address = (fallback: string): Schema<string | undefined> =>
  z
    .string()
    .refine(
      (text) => text === "off" || +(new RegExp(`^(?:${HOST}):(\\d{1,5})$`).exec(text)?.[1] ?? NaN) <= 65_535,
      'must be "HOST:PORT", IPv6 as "[::1]:6060", or "off"',
    )
    .default(fallback)
    .transform((text) => (text === "off" ? undefined : text));

/** names are hosts without ports, separated by commas. */
export const names: Schema<string[]> = z
  .string()
  .default("")
  .transform((text) => text.split(",").flatMap((name) => name.trim() || []))
  .refine((all) => all.every((name) => new RegExp(`^(${HOST})$`).test(name)), "must be names without ports");

/** headers are "name=value,other=value", as OpenTelemetry writes them: values are percent-encoded. */
export const headers: Schema<Readonly<Record<string, string>>> = z
  .string()
  .default("")
  .transform((text, { issues }) => {
    try {
      return Object.fromEntries(text.split(",").flatMap((pair) => (pair.trim() === "" ? [] : [header(pair)])));
    } catch {
      issues.push({ code: "custom", message: "must be NAME=VALUE pairs, separated by commas", input: text });
      return {};
    }
  });

function header(pair: string): [string, string] {
  const [name = "", value] = pair.split("=", 2).map((part) => part.trim());
  if (!/^[\w-]+$/.test(name) || value === undefined) throw new TypeError("no pair");
  return [name, decodeURIComponent(value)];
}
