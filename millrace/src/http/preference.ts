/** Preference is one member of a list with weights, as Accept and Accept-Encoding are. */
export interface Preference {
  /** value is the member in lower case, without its weight. */
  readonly value: string;
  /** weight is its q, 0 to 1; 0 is "not acceptable". */
  readonly weight: number;
}

// A header is bounded by the server; this bounds the work on one that is nothing but commas.
const MAX_MEMBERS = 64;

/**
 * @internal preferencesOf reads a list with weights. A member whose weight is no weight counts as 0; members after the
 * 64th do not count. Source: RFC 9110 section 12.4.2.
 */
export function preferencesOf(header: string): Preference[] {
  const out: Preference[] = [];
  for (const member of header.split(",", MAX_MEMBERS)) {
    const [value = "", ...params] = member.split(";").map((part) => part.trim().toLowerCase());
    if (value === "") continue;
    const at = params.findIndex((param) => param.startsWith("q="));
    const kept = at < 0 ? params : params.slice(0, at);
    out.push({ value: [value, ...kept].join(";"), weight: at < 0 ? 1 : weightOf(params[at]!.slice(2)) });
  }
  return out;
}

function weightOf(text: string): number {
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
