export type { Output, SchemaIssue, SchemaResult, StandardSchema } from "./standard-schema.ts";
