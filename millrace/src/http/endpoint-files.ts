import type { SchemaIssue } from "../schema/index.ts";
import { httpFailure } from "./failure.ts";
import type { Req } from "./req.ts";

// As many as a multipart body has by default; files come on top.
const MAX_FIELDS = 100;

/** FileLimits say what is taken for a file of a multipart body. The body as a whole is bounded by the route's body limit. */
export interface FileLimits {
  /** maxBytes is how long a file may be; a longer one is a 413. */
  readonly maxBytes: number;
  /** types are the media types that the client may claim, in lower case; another is a 400. Default: any. */
  readonly types?: readonly string[];
  /** optional lets the file be left out. Default: false. */
  readonly optional?: boolean;
  /** maxCount makes it a list of none to so many files; one more is a 400. Default: exactly one file, and no list. */
  readonly maxCount?: number;
}

/** UploadedFile is a file that has been read whole, within its limits. */
export interface UploadedFile {
  /** filename is what the client calls it. It is no path to write to. */
  readonly filename: string;
  /** type is the media type that the client claims. */
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** ReadParts are the files and the fields of a multipart body, and what is wrong with its files. */
export interface ReadParts {
  readonly found: Readonly<Record<string, UploadedFile | readonly UploadedFile[] | undefined>>;
  readonly texts: readonly (readonly [string, string])[];
  readonly issues: SchemaIssue[];
}

/** readParts reads a multipart body, and each file of it within its limits. */
export async function readParts(req: Req, files: Readonly<Record<string, FileLimits>>): Promise<ReadParts> {
  const texts: [string, string][] = [];
  const issues: SchemaIssue[] = [];
  const found = new Map<string, UploadedFile[]>(Object.keys(files).map((name) => [name, []]));
  const expected = Object.values(files).reduce((sum, { maxCount = 1 }) => sum + maxCount, 0);
  for await (const part of req.multipart({ maxParts: MAX_FIELDS + expected })) {
    const { name, filename, type } = part;
    const list = found.get(name);
    const refuse = (message: string): void => void issues.push({ path: [name], message });
    if (filename === undefined) {
      if (list === undefined) texts.push([name, await part.text()]);
      else refuse("must be a file");
      continue;
    }
    if (list === undefined) {
      refuse("no file is expected here");
      continue;
    }
    // Only a field with limits has a list.
    const { types, maxBytes, maxCount = 1 } = files[name]!;
    const bytes = await readFile(part.chunks(), name, maxBytes);
    // What a browser sends for a file that was not chosen. Source: https://html.spec.whatwg.org/#constructing-the-form-data-set
    if (filename === "" && bytes.length === 0) continue;
    const claimed = type.split(";", 1)[0]!.trim().toLowerCase();
    if (list.length === maxCount) refuse(`at most ${maxCount} ${maxCount === 1 ? "file is" : "files are"} taken`);
    else if (types !== undefined && !types.includes(claimed)) refuse(`must be ${types.join(" or ")}`);
    else list.push({ filename, type, bytes });
  }
  const refused = new Set(issues.map(({ path }) => path?.[0]));
  const entries = [...found].map(([name, list]) => {
    const { maxCount, optional = false } = files[name]!;
    if (maxCount !== undefined) return [name, list] as const;
    if (list.length === 0 && !optional && !refused.has(name))
      issues.push({ path: [name], message: "a file is needed" });
    return [name, list[0]] as const;
  });
  return { found: Object.fromEntries(entries), texts, issues };
}

async function readFile(chunks: AsyncIterable<Uint8Array>, name: string, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxBytes) throw httpFailure("body_too_large", `the file ${name} is over ${maxBytes} bytes`);
    pieces.push(chunk);
  }
  return Buffer.concat(pieces);
}
