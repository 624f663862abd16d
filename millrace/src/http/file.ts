import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import type { Ctx } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { type Validators, conditionOf, isRangeFresh } from "./conditional.ts";
import { FileBody, type Piece } from "./file-body.ts";
import { mediaTypeOf } from "./media-type.ts";
import { type Span, spansOf } from "./range.ts";
import { Reply } from "./reply.ts";
import type { Req } from "./req.ts";

/** FileOptions says what is not the usual of a file. */
export interface FileOptions {
  /**
   * root is a folder that the file must be in: path is then relative to it, and may come from the request. Symbolic
   * links lead out of it to nowhere. Without it path is taken as it is, and must not come from the request.
   */
  readonly root?: string;
  /** type is the content-type. Default: by the name's extension, application/octet-stream where that says nothing. */
  readonly type?: string;
  /** download makes browsers save it under this name and not show it. */
  readonly download?: string;
}

/**
 * file answers with a file: with its type, length, ETag and Last-Modified; conditions get 304 or 412, and Range one
 * part, several (at most 10, as multipart/byteranges) or 416. It is read 64 kB at a time, as fast as the client takes
 * it. What does not exist, is no plain file, has a segment that begins with a dot, or lies outside of root is a 404.
 * Source: RFC 9110 sections 13 and 14.
 */
export async function file(ctx: Ctx, req: Req, path: string, options: FileOptions = {}): Promise<Reply> {
  ctx.throwIfDone();
  const opened = await openFile(path, options.root);
  let reply: Reply | undefined;
  try {
    reply = answer(req, opened, options.type ?? mediaTypeOf(path));
    if (options.download !== undefined) reply.header("content-disposition", attachment(options.download));
    ctx.throwIfDone();
    return reply;
  } catch (err) {
    reply = undefined;
    throw err;
  } finally {
    // The body closes it else.
    if (!(reply?.body instanceof FileBody)) await opened.handle.close();
  }
}

interface Opened {
  readonly handle: FileHandle;
  readonly size: number;
  readonly validators: Required<Validators>;
}

/** @internal openFile opens a plain file for reading, below root where there is one; throws a 404 for all else. */
export async function openFile(path: string, root: string | undefined): Promise<Opened> {
  const found = root === undefined ? path : await inside(root, path);
  // A pipe would otherwise be waited for.
  const handle = await quietly(open(found, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    const stat = await handle.stat({ bigint: true });
    if (!stat.isFile()) throw notFound();
    const etag = `"${stat.size.toString(36)}-${stat.mtimeNs.toString(36)}"`;
    return { handle, size: Number(stat.size), validators: { etag, modifiedMs: Number(stat.mtimeMs) } };
  } catch (err) {
    await handle.close();
    throw err;
  }
}

async function inside(root: string, path: string): Promise<string> {
  // A backslash and a drive's colon mean something on Windows; a NUL ends a name.
  const segments = path.split("/").filter((segment) => segment !== "");
  if (segments.length === 0 || segments.some((s) => s.startsWith(".") || /[\0\\:]/.test(s))) throw notFound();
  const base = await quietly(realpath(root));
  const real = await quietly(realpath(join(base, ...segments)));
  if (!real.startsWith(base.endsWith(sep) ? base : base + sep)) throw notFound();
  return real;
}

function answer(req: Req, { handle, size, validators }: Opened, type: string): Reply {
  const reply = (status: number, body: Reply["body"], contentType: string): Reply =>
    new Reply(status, contentType, body)
      .header("etag", validators.etag!)
      .header("last-modified", new Date(validators.modifiedMs!).toUTCString())
      .header("accept-ranges", "bytes");
  const condition = conditionOf(req, validators);
  if (condition !== "proceed") return reply(condition === "failed" ? 412 : 304, null, "");
  const spans = req.method === "GET" && isRangeFresh(req, validators) ? spansOf(req.header("range"), size) : undefined;
  if (spans?.length === 0) return reply(416, null, "").header("content-range", `bytes */${size}`);
  if (spans === undefined) return withBody(reply(200, null, type), handle, [{ first: 0, last: size - 1 }]);
  if (spans.length === 1) {
    return withBody(reply(206, null, type), handle, spans).header("content-range", rangeOf(spans[0]!, size));
  }
  const boundary = randomBytes(18).toString("base64url");
  return withBody(
    reply(206, null, `multipart/byteranges; boundary=${boundary}`),
    handle,
    byteRanges(spans, size, type, boundary),
  );
}

// Source: RFC 9110 section 14.6.
function byteRanges(spans: readonly Span[], size: number, type: string, boundary: string): Piece[] {
  const heads = spans.map((span, i) => {
    const head = `--${boundary}\r\ncontent-type: ${type}\r\ncontent-range: ${rangeOf(span, size)}\r\n\r\n`;
    return Buffer.from(i === 0 ? head : `\r\n${head}`, "latin1");
  });
  return [...spans.flatMap((span, i) => [heads[i]!, span]), Buffer.from(`\r\n--${boundary}--\r\n`, "latin1")];
}

function rangeOf({ first, last }: Span, size: number): string {
  return `bytes ${first}-${last}/${size}`;
}

function withBody(reply: Reply, handle: FileHandle, pieces: readonly Piece[]): Reply {
  const body = new FileBody(handle, pieces);
  reply.body = body;
  reply.length = body.length;
  return reply;
}

// The name twice: for all, and as UTF-8 for those who know it. Source: RFC 6266 and RFC 8187.
function attachment(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (c) => `%${c.codePointAt(0)!.toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

const MISSING = new Set(["ENOENT", "ENOTDIR", "EISDIR", "ELOOP", "ENAMETOOLONG", "EACCES", "EPERM", "ENXIO", "EINVAL"]);

async function quietly<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (err) {
    const code = (err as NodeJS.ErrnoException).code ?? "";
    throw MISSING.has(code) ? notFound(err) : err;
  }
}

function notFound(cause?: unknown): Failure {
  return new Failure("http: file: not found", { code: "not_found", reason: "http/not_found", cause });
}
