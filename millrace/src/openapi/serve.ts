import { createHash } from "node:crypto";
import { type Middleware, Reply, type Router } from "../http/index.ts";
import { type OpenApiDocument, type OpenApiOptions, openapi } from "./document.ts";
import { page } from "./page.ts";

/** ServeOpenapiOptions is what the routes do not say, and where the document and its page are. */
export interface ServeOpenapiOptions extends OpenApiOptions {
  /** path is where the document is. Default: "/openapi.json". */
  readonly path?: string;
  /** docs is where the page is; false: there is none. Default: "/docs". */
  readonly docs?: string | false;
}

/**
 * serveOpenapi adds the document of a router to that router, with an ETag, and a page for people that is made of it: one
 * file that asks nobody else for anything, with a Content-Security-Policy of its own. It holds all routes, also those
 * that are added later: it is made when the router is compiled, so that what cannot be expressed fails the start.
 */
export function serveOpenapi(router: Router, options: ServeOpenapiOptions): void {
  const { path = "/openapi.json", docs = "/docs", ...rest } = options;
  let file = fileOf("");
  const build: Middleware = (next) => {
    file = fileOf(JSON.stringify(openapi(router, rest)));
    return next;
  };
  router.with(build).get(path, (_ctx, req) => answer(file, "application/json", req.header("if-none-match")));
  if (docs === false) return;
  // The route that was just added has the prefixes that are around it, and so has the page's.
  const prefix = router.routes().at(-1)!.pattern.slice(0, -path.length);
  const root = "../".repeat((prefix + docs).split("/").length - 2);
  const { html, policy } = page({ document: relative(docs, path), root, origins: originsOf(rest.servers ?? []) });
  const shown = fileOf(html);
  router.get(docs, (_ctx, req) =>
    answer(shown, "text/html; charset=utf-8", req.header("if-none-match")).header("content-security-policy", policy),
  );
}

interface File {
  readonly body: string;
  readonly etag: string;
}

function fileOf(body: string): File {
  return { body, etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"` };
}

// RFC 9110 section 13.1.2: weak comparison.
function answer({ body, etag }: File, type: string, ifNoneMatch: string | undefined): Reply {
  const known = ifNoneMatch?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  const reply = known.includes(etag) || known.includes("*") ? new Reply(304, "", null) : new Reply(200, type, body);
  return reply.header("etag", etag).header("cache-control", "no-cache");
}

// Relative, so that both can stand behind a prefix that a proxy takes away.
function relative(from: string, to: string): string {
  return "../".repeat(from.split("/").length - 2) + to.slice(1);
}

function originsOf(servers: NonNullable<OpenApiDocument["servers"]>): string[] {
  return servers.flatMap(({ url }) => (URL.canParse(url) ? [new URL(url).origin] : []));
}
