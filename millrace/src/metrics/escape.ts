/** escapeValue is a label's value as both formats write it, between quotes. @internal */
export function escapeValue(value: string): string {
  return escapeHelp(value).replaceAll('"', '\\"');
}

/** escapeHelp is a text that ends with its line, as the Prometheus format writes it. @internal */
export function escapeHelp(text: string): string {
  // Half of a surrogate pair would become three bytes that are no character, and the whole scrape would be refused.
  return text.toWellFormed().replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
