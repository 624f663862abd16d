import { httpFailure } from "./failure.ts";
import { badMultipart } from "./multipart-failure.ts";

/** PartHead is what a part's headers say. */
export interface PartHead {
  readonly name: string;
  readonly filename: string | undefined;
  readonly type: string;
}

/** boundaryOf is the boundary of a multipart/form-data content-type; another media type is a 415. */
export function boundaryOf(contentType: string | undefined): string {
  if (!/^multipart\/form-data\s*;/i.test(contentType ?? "")) {
    throw httpFailure("unsupported_media_type", "the body is not multipart/form-data");
  }
  // Source: RFC 2046 section 5.1.1.
  const found = /;\s*boundary=(?:"([\w'()+,./:=? -]{0,69}[\w'()+,./:=?-])"|([\w'()+,./:=?-]{1,70}))\s*(?:;|$)/i.exec(
    contentType!,
  );
  const boundary = found?.[1] ?? found?.[2];
  if (boundary === undefined) throw badMultipart("has no valid boundary in its content-type");
  return boundary;
}

/** partHead reads a part's headers. Source: RFC 7578 section 4.2. */
export function partHead(text: string): PartHead {
  let disposition: string | undefined;
  let type = "text/plain";
  for (const line of text.split("\r\n")) {
    if (line === "") continue;
    const colon = line.indexOf(":");
    if (colon < 1) throw badMultipart("has a part with a broken header");
    const name = line.slice(0, colon).toLowerCase();
    if (name === "content-disposition") {
      if (disposition !== undefined) throw badMultipart("has a part with two content-dispositions");
      disposition = line.slice(colon + 1).trim();
    } else if (name === "content-type") type = line.slice(colon + 1).trim();
  }
  if (disposition === undefined || !/^form-data\s*;/i.test(disposition))
    throw badMultipart("has a part that is no form-data");
  const { name, filename } = parametersOf(disposition.replace(/^form-data\s*/i, ""));
  if (name === undefined) throw badMultipart("has a part without a name");
  return { name, filename, type };
}

const PARAMETER = /\s*;\s*([\w*-]+)=(?:"([^"]*)"|([^;"\s]*))/y;

// One after the other, so that what stands in quotes is never taken for a parameter.
function parametersOf(text: string): { name?: string; filename?: string } {
  const out: { name?: string; filename?: string } = {};
  PARAMETER.lastIndex = 0;
  for (let at = 0; at < text.length; at = PARAMETER.lastIndex) {
    const [, key = "", quoted, plain] = PARAMETER.exec(text) ?? [];
    if (key === "") throw badMultipart("has a part with a broken content-disposition");
    const name = key.toLowerCase();
    if (name !== "name" && name !== "filename") continue;
    if (out[name] !== undefined) throw badMultipart(`has a part with two of ${name}`);
    out[name] = quoted === undefined ? plain! : unquoted(quoted);
  }
  return out;
}

// UTF-8, with %0A, %0D and %22 for what would break the line; a backslash is one, and no filename* (RFC 7578 section 4.2).
// Source: https://html.spec.whatwg.org/#multipart-form-data
function unquoted(text: string): string {
  return text.replaceAll(/%0A|%0D|%22/gi, decodeURIComponent);
}
