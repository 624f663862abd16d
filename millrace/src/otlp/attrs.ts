/** OtlpAttr is the value of an attribute. A list holds values of one type. */
export type OtlpAttr = string | number | boolean | readonly string[] | readonly number[] | readonly boolean[];

/** OtlpAttrs are named values; one that is undefined is left out. Names: https://opentelemetry.io/docs/specs/semconv/ */
export type OtlpAttrs = Readonly<Record<string, OtlpAttr | undefined>>;

/** attrsOf are attributes as protobuf's JSON has them. Source: opentelemetry/proto/common/v1/common.proto */
export function attrsOf(attrs: OtlpAttrs): object[] {
  const out: object[] = [];
  for (const [key, value] of Object.entries(attrs)) {
    if (value !== undefined) out.push({ key: key.toWellFormed(), value: valueOf(value) });
  }
  return out;
}

/** doubleOf is a double: what JSON has no number for is a string. */
export function doubleOf(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** nanosOf is a time in milliseconds as a fixed64 of nanoseconds. */
export function nanosOf(ms: number): string {
  // Nanoseconds are more than a number holds exactly, so the parts are written one after the other.
  const whole = Math.floor(ms);
  const rest = Math.min(999_999, Math.floor((ms - whole) * 1e6));
  return `${whole}${String(rest).padStart(6, "0")}`;
}

function valueOf(value: OtlpAttr): object {
  if (typeof value === "string") return { stringValue: value.toWellFormed() };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "object") return { arrayValue: { values: value.map((one) => valueOf(one)) } };
  if (Number.isSafeInteger(value)) return { intValue: String(value) };
  return { doubleValue: doubleOf(value) };
}
