import {
  type DescribedAnswer,
  type EndpointSpec,
  type FileLimits,
  type StandardSchema,
  isEndpointBody,
} from "../http/index.ts";
import type { Components } from "./components.ts";
import { type JsonSchema, isObject } from "./json-schema.ts";

/** Content is a body by its media type. */
export type Content = Readonly<Record<string, MediaType>>;

interface MediaType {
  readonly schema: JsonSchema;
  /** encoding says what the parts of a multipart body are. */
  readonly encoding?: Readonly<Record<string, { readonly contentType: string }>>;
}

/** jsonContent is JSON by its schema. */
export function jsonContent(schema: JsonSchema): Content {
  return { "application/json": { schema } };
}

/** bodyContent is what an endpoint reads as its body. */
export function bodyContent(body: NonNullable<EndpointSpec["body"]>, components: Components): Content {
  if (!isEndpointBody(body)) return jsonContent(components.add(body, "input"));
  const fields = body.fields === undefined ? { type: "object" } : components.add(body.fields, "input");
  if (body.type !== "multipart/form-data") return { [body.type]: { schema: fields } };
  return { [body.type]: multipartContent(components.resolve(fields), body.files) };
}

/** answerContent is what an answer with a description holds; undefined for one without a body. */
export function answerContent(answer: DescribedAnswer, components: Components): Content | undefined {
  const { body, events, type } = answer;
  if (body !== undefined) return jsonContent(components.add(body, "output"));
  if (events !== undefined) return { "text/event-stream": { schema: eventSchema(events, components) } };
  if (type === undefined) return undefined;
  return { [type]: { schema: /^text\//i.test(type) ? { type: "string" } : { contentMediaType: type } } };
}

// One event of the stream: OpenAPI 3.1 has no word for a sequence, and this is how its tools read a stream of events.
function eventSchema(data: StandardSchema, components: Components): JsonSchema {
  const text = { type: "string" };
  return {
    type: "object",
    description: "One event of the stream; `data` is JSON.",
    properties: { event: text, id: text, retry: { type: "integer" }, data: components.add(data, "output") },
    required: ["data"],
  };
}

// A binary part has no type, since it is no string of JSON.
// Source: https://spec.openapis.org/oas/v3.1.1#working-with-binary-data and #encoding-object
function multipartContent(fields: JsonSchema, files: Readonly<Record<string, FileLimits>>): MediaType {
  const { properties = {}, required = [], ...rest } = fields;
  if (!isObject(properties) || !Array.isArray(required)) throw new TypeError("the fields are no object");
  const entries = Object.entries(files);
  const parts = entries.map(([name, limits]): [string, JsonSchema] => [name, partSchema(limits)]);
  const needed = entries.filter(([, { optional = false, maxCount }]) => !optional && maxCount === undefined);
  const typed = entries.flatMap(([name, { types }]): [string, { contentType: string }][] =>
    types === undefined ? [] : [[name, { contentType: types.join(", ") }]],
  );
  return {
    schema: {
      type: "object",
      ...rest,
      properties: { ...properties, ...Object.fromEntries(parts) },
      required: [...(required as unknown[]), ...needed.map(([name]) => name)],
    },
    ...(typed.length === 0 ? {} : { encoding: Object.fromEntries(typed) }),
  };
}

function partSchema({ maxBytes, maxCount, types = [] }: FileLimits): JsonSchema {
  const contentMediaType = types.length === 1 ? types[0] : "application/octet-stream";
  const file = { contentMediaType, description: `A file of at most ${maxBytes} bytes.` };
  return maxCount === undefined ? file : { type: "array", items: file, maxItems: maxCount };
}
