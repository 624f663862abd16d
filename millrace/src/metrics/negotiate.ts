/** Format is what metrics are written in. @internal */
export type Format = "text" | "open" | "protobuf";

/**
 * preferredFormat is what an Accept header likes best, where protobuf is not offered to everybody: OpenMetrics 1.0 or
 * Prometheus' protobuf, if it is named with no smaller weight than text; of these two the one with more weight, protobuf if
 * they have the same, which alone has all. Source: RFC 9110 section 12.5.1. @internal
 */
export function preferredFormat(accept: string | undefined, offersProtobuf: boolean): Format {
  const weights = { text: 0, open: 0, protobuf: 0 };
  for (const member of (accept ?? "").toLowerCase().split(",")) {
    const [type = "", ...params] = member.split(";").map((part) => part.trim());
    const format = formatOf(type, params);
    if (format !== undefined) weights[format] = Math.max(weights[format], weightOf(params));
  }
  const { text, open, protobuf } = weights;
  if (offersProtobuf && protobuf > 0 && protobuf >= text && protobuf >= open) return "protobuf";
  return open > 0 && open >= text ? "open" : "text";
}

function formatOf(type: string, params: readonly string[]): Format | undefined {
  const param = (name: string): string | undefined =>
    params.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  const version = param("version");
  if (type === "application/openmetrics-text" && (version === undefined || version === "1.0.0")) return "open";
  const message = param("proto") === "io.prometheus.client.metricfamily" && param("encoding") === "delimited";
  if (type === "application/vnd.google.protobuf" && message) return "protobuf";
  // "*/*" is what is sent along, and by who knows neither.
  return type === "text/plain" || type === "text/*" ? "text" : undefined;
}

function weightOf(params: readonly string[]): number {
  const q = params.find((param) => param.startsWith("q="))?.slice(2);
  return q === undefined ? 1 : Number(q) || 0;
}
