import type { Output, SchemaResult, StandardSchema } from "../schema/index.ts";
import { fieldReader } from "./endpoint-fields.ts";
import { type FileLimits, type UploadedFile, readParts } from "./endpoint-files.ts";
import type { Req } from "./req.ts";

/**
 * EndpointBody is a body that is not JSON, for the `body` of an endpoint: form and multipart make it. T is what the handler
 * gets of it.
 */
export interface EndpointBody<T> {
  /** type is the media type; any other is a 415. */
  readonly type: "application/x-www-form-urlencoded" | "multipart/form-data";
  /** fields is the schema of the fields, each a text or a list of texts. */
  readonly fields: StandardSchema | undefined;
  /** files are the files by their fields' names. */
  readonly files: Readonly<Record<string, FileLimits>>;
  /** @internal read reads it, and says what is wrong with it. */
  readonly read: (req: Req) => Promise<SchemaResult<T>>;
}

/** MultipartSpec says what a multipart body holds. */
export interface MultipartSpec {
  /** fields is the schema of the parts that are no files. Default: they are read over. */
  readonly fields?: StandardSchema;
  /** files are the files by their fields' names; a file of another name is a 400. */
  readonly files: Readonly<Record<string, FileLimits>>;
}

/** MultipartBody is what a handler gets of a multipart body. */
export type MultipartBody<S extends MultipartSpec> = {
  readonly fields: S["fields"] extends StandardSchema ? Output<S["fields"]> : unknown;
  readonly files: { readonly [K in keyof S["files"]]: FileOf<S["files"][K]> };
};

type FileOf<F> = F extends { readonly maxCount: number }
  ? readonly UploadedFile[]
  : F extends { readonly optional: true }
    ? UploadedFile | undefined
    : UploadedFile;

/** BodyOutput is what the handler of an endpoint gets of its body. */
export type BodyOutput<B> = B extends EndpointBody<infer T> ? T : B extends StandardSchema ? Output<B> : never;

/**
 * form says that an endpoint's body is a form, application/x-www-form-urlencoded of at most 1000 fields: the schema sees
 * a text for each field, and a list of texts for one that stands several times or that it wants as a list.
 */
export function form<const S extends StandardSchema>(schema: S): EndpointBody<Output<S>> {
  const reader = fieldReader(schema);
  return {
    type: "application/x-www-form-urlencoded",
    fields: schema,
    files: {},
    // The schema makes what its type says.
    read: async (req) => (await validated(schema, reader(await req.form()))) as SchemaResult<Output<S>>,
  };
}

/**
 * multipart says that an endpoint's body is multipart/form-data: fields by a schema, as of a form, and files, which are
 * read whole; for one that is longer than memory should hold, read `req.multipart()` in the handler, part by part. The
 * route's body limit bounds all of it: raise it with `use: [bodyLimit(…)]`.
 */
export function multipart<const S extends MultipartSpec>(spec: S): EndpointBody<MultipartBody<S>> {
  for (const [name, { maxBytes, maxCount = 1 }] of Object.entries(spec.files)) {
    for (const [limit, value] of Object.entries({ maxBytes, maxCount })) {
      if (!Number.isSafeInteger(value) || value < 1)
        throw new RangeError(`http: multipart: ${name}: ${limit} must be at least 1, not ${value}`);
    }
  }
  const { fields, files } = spec;
  const reader = fields === undefined ? () => ({}) : fieldReader(fields);
  return {
    type: "multipart/form-data",
    fields,
    files,
    async read(req) {
      const { found, texts, issues } = await readParts(req, files);
      const result = fields === undefined ? { value: {} } : await validated(fields, reader(texts));
      if (result.issues !== undefined) issues.push(...result.issues);
      if (issues.length > 0 || result.issues !== undefined) return { issues };
      // By the limits of each, which its type is made of.
      return { value: { fields: result.value, files: found } as MultipartBody<S> };
    },
  };
}

/** isEndpointBody tells a body that is not JSON from a schema of JSON. */
export function isEndpointBody(body: StandardSchema | EndpointBody<unknown>): body is EndpointBody<unknown> {
  return !("~standard" in body);
}

async function validated(schema: StandardSchema, value: unknown): Promise<SchemaResult<unknown>> {
  return schema["~standard"].validate(value);
}
