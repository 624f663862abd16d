export type { Input, Output, SchemaIssue, SchemaResult, StandardSchema } from "./standard-schema.ts";
