import { createHash } from "node:crypto";
import { SCRIPT } from "./page-script.ts";
import { STYLE } from "./page-style.ts";

/** PageOptions are addresses as the page needs them. */
export interface PageOptions {
  /** document is where the document is, seen from the page. */
  readonly document: string;
  /** root is where the paths of the document begin, seen from the page. */
  readonly root: string;
  /** origins are those of the API's servers, beside the page's own. */
  readonly origins: readonly string[];
}

/**
 * page is the documentation page of a document, and the Content-Security-Policy under which it works: it runs its own
 * script and style, and talks to its own origin and to those of the API's servers.
 */
export function page({ document, root, origins }: PageOptions): { html: string; policy: string } {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API</title>
<link rel="icon" href="data:,">
<link rel="service-desc" type="application/json" href="${encodeURI(document)}" data-root="${root}">
<style>${STYLE}</style>
<body><p id="loading">Loading …</p><noscript>This page needs JavaScript.</noscript></body>
<script type="module">${SCRIPT}</script>
</html>
`;
  const policy = [
    "default-src 'none'",
    `script-src '${hash(SCRIPT)}'`,
    `style-src '${hash(STYLE)}'`,
    "img-src data:",
    `connect-src ${["'self'", ...origins].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return { html, policy: policy.join("; ") };
}

function hash(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
