import { Reply } from "./reply.ts";

/** Markup is text that is HTML already and is not escaped again. Only html makes it. */
class Markup extends Reply {
  override toString(): string {
    return String(this.body);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * html is a tagged template that answers with HTML: html`<p>${name}</p>`. What is put in is escaped for text and quoted
 * attributes; another html`…` is put in as it is, an array item by item, null, undefined and false are nothing.
 * It does not make a value safe inside <script>, <style>, an unquoted attribute or a URL.
 */
export function html(strings: TemplateStringsArray, ...values: readonly unknown[]): Reply {
  let out = strings[0] ?? "";
  for (let i = 0; i < values.length; i++) out += render(values[i]) + (strings[i + 1] ?? "");
  return new Markup(200, "text/html; charset=utf-8", out);
}

function render(value: unknown): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Markup) return value.toString();
  if (Array.isArray(value)) return value.map(render).join("");
  // Every key that the pattern matches is in the table.
  return String(value).replaceAll(/[&<>"']/g, (c) => ESCAPES[c]!);
}
