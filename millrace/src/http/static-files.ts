import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Ctx } from "../context/index.ts";
import { is } from "../errors/index.ts";
import { file } from "./file.ts";
import type { Handler } from "./handler.ts";
import { mediaTypeOf } from "./media-type.ts";
import { preferencesOf } from "./preference.ts";
import { type Reply, redirect } from "./reply.ts";
import type { Req } from "./req.ts";

/** StaticFilesOptions says what is not the usual of a folder. */
export interface StaticFilesOptions {
  /** index is what stands for a folder. Default: "index.html". */
  readonly index?: string;
  /**
   * hashed tells names that change with their content, which may be kept for a year. Default: a part of 8 or more
   * letters, digits, "_" and "-" before the extension, after "." or "-", with a digit or a capital and a letter
   * ("app-BQk3x9Zd.js").
   */
  readonly hashed?: RegExp;
}

const HASHED = /[.-](?=[\w-]*[A-Z0-9])(?=[\w-]*[A-Za-z])[\w-]{8,}\.\w+$/;
const CODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

/**
 * staticFiles serves a folder: `router.get("/assets/**", staticFiles("dist"))`; what `**` stands for says which file. A
 * folder's index stands for it, behind a redirect to the path with its slash. Files with a hash in the name are kept
 * for a year, all others asked for anew each time (and mostly answered 304). `x.js.br` and `x.js.gz` beside `x.js` are
 * sent to who takes them. Names that begin with a dot, and links that lead outside, do not exist.
 */
export function staticFiles(dir: string, options: StaticFilesOptions = {}): Handler {
  const { index = "index.html", hashed = HASHED } = options;
  return async (ctx, req) => {
    // What "**" stands for.
    const path = req.params["_"] ?? "";
    const folder = req.path.endsWith("/");
    const name = folder ? `${path.replace(/\/$/, "")}/${index}` : path;
    try {
      return kept(await best(ctx, req, dir, name), hashed.test(name));
    } catch (err) {
      if (folder || !is(err, "not_found") || !(await isFolder(ctx, req, dir, path, index))) throw err;
      // Relative, so that no path can make another host of it.
      return redirect(`./${req.path.split("/").at(-1)}/${req.search}`, 308);
    }
  };
}

async function best(ctx: Ctx, req: Req, root: string, name: string): Promise<Reply> {
  const type = mediaTypeOf(name);
  for (const coding of codingsOf(req.header("accept-encoding"))) {
    const [, extension] = coding;
    try {
      const reply = await file(ctx, req, name + extension, { root, type });
      if (reply.status < 300) reply.header("content-encoding", coding[0]);
      return reply.header("vary", "accept-encoding");
    } catch (err) {
      if (!is(err, "not_found")) throw err;
    }
  }
  const reply = await file(ctx, req, name, { root, type });
  return reply.header("vary", "accept-encoding");
}

function codingsOf(accept: string | undefined): (typeof CODINGS)[number][] {
  if (accept === undefined) return [];
  const members = preferencesOf(accept);
  return CODINGS.filter(([name]) => (members.find((m) => m.value === name)?.weight ?? 0) > 0);
}

async function isFolder(ctx: Ctx, req: Req, root: string, path: string, index: string): Promise<boolean> {
  const isOne = await stat(join(root, path)).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isOne) return false;
  // It is one inside of root only if its index is.
  const reply = await file(ctx, req, `${path}/${index}`, { root }).catch(() => undefined);
  const body = reply?.body;
  if (body !== undefined && body !== null && typeof body === "object" && "destroy" in body)
    (body as { destroy(): void }).destroy();
  return reply !== undefined;
}

function kept(reply: Reply, isHashed: boolean): Reply {
  return reply.header("cache-control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
}
