const OPEN_METRICS = "application/openmetrics-text";

/**
 * prefersOpenMetrics says whether an Accept header likes OpenMetrics 1.0 better than plain text: named, and with no
 * smaller weight than text. Source: RFC 9110 section 12.5.1. @internal
 */
export function prefersOpenMetrics(accept: string | undefined): boolean {
  let open = 0;
  let text = 0;
  for (const member of (accept ?? "").toLowerCase().split(",")) {
    const [type = "", ...params] = member.split(";").map((part) => part.trim());
    const weight = weightOf(params);
    const version = params.find((param) => param.startsWith("version="));
    if (type === OPEN_METRICS && (version === undefined || version === "version=1.0.0")) open = Math.max(open, weight);
    // "*/*" is what is sent along, and by who knows neither.
    if (type === "text/plain" || type === "text/*") text = Math.max(text, weight);
  }
  return open > 0 && open >= text;
}

function weightOf(params: readonly string[]): number {
  const q = params.find((param) => param.startsWith("q="))?.slice(2);
  return q === undefined ? 1 : Number(q) || 0;
}
