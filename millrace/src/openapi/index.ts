export { type OpenApiDocument, type OpenApiOptions, type Routes, openapi } from "./document.ts";
export type { Direction, JsonSchema, ToJsonSchema } from "./json-schema.ts";
export type { OpenApiAnswer, OpenApiOperation } from "./operation.ts";
export type { Parameter } from "./parameters.ts";
export { type ServeOpenapiOptions, serveOpenapi } from "./serve.ts";
