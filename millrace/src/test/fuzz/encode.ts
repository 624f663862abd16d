// What JSON cannot say is an object with one of these keys, and how to read it. The casts hold for what encode has written.
const READ: Readonly<Record<string, (content: unknown) => unknown>> = {
  $undefined: () => undefined,
  $number: Number,
  $bigint: (text) => BigInt(text as string),
  $date: (ms) => new Date(decode(ms) as number),
  $bytes: (base64) => new Uint8Array(Buffer.from(base64 as string, "base64")),
  $map: (entries) => new Map((entries as unknown[]).map(decode) as [unknown, unknown][]),
  $set: (values) => new Set((values as unknown[]).map(decode)),
  $object: (entries) => objectOf(entries as [string, unknown][]),
};

/** encode is a value as JSON can hold it: also undefined, NaN, bigints, dates, bytes, maps and sets. */
export function encode(value: unknown): unknown {
  if (value === undefined) return { $undefined: true };
  if (typeof value === "bigint") return { $bigint: `${value}` };
  if (typeof value === "number" && Object.is(value, -0)) return { $number: "-0" };
  if (typeof value === "number" && !Number.isFinite(value)) return { $number: `${value}` };
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(encode);
  if (value instanceof Date) return { $date: encode(value.getTime()) };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (value instanceof Map) return { $map: [...value].map(encode) };
  if (value instanceof Set) return { $set: [...value].map(encode) };
  const entries = Object.entries(value).map(([key, item]) => [key, encode(item)] as const);
  // One that only looks like ours, or whose key an object would take for its prototype.
  const odd = entries.some(([key]) => Object.hasOwn(READ, key) || key === "__proto__");
  return odd ? { $object: entries } : Object.fromEntries(entries);
}

/** decode is the value that encode was given. */
export function decode(json: unknown): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map(decode);
  const entries = Object.entries(json);
  const [tag, content] = entries[0] ?? ["", undefined];
  return Object.hasOwn(READ, tag) ? READ[tag]!(content) : objectOf(entries);
}

function objectOf(entries: readonly [string, unknown][]): unknown {
  return Object.fromEntries(entries.map(([key, item]) => [key, decode(item)]));
}
