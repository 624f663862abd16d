// What is said to the next hop and not to the last one. Source: RFC 9110 section 7.6.1; the old ones are in RFC 2616
// section 13.5.1.
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-authentication-info",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** HeaderList are headers as a message came with, names in lower case. */
export type HeaderList = Readonly<Record<string, string | readonly string[] | undefined>>;

/** endToEnd are the headers that a proxy passes on: none that is for one hop, and none that Connection names. */
export function endToEnd(headers: HeaderList): Record<string, string | readonly string[]> {
  const named = new Set(words(headers["connection"]));
  const out: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !HOP_BY_HOP.has(name) && !named.has(name)) out[name] = value;
  }
  return out;
}

/** words are the members of a header that is a list of tokens, in lower case. */
export function words(value: HeaderList[string]): string[] {
  const text = typeof value === "string" ? value : (value ?? []).join(",");
  return text.split(",").map((word) => word.trim().toLowerCase());
}
