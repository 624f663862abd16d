import type { JsonSchema } from "./json-schema.ts";

/** PROBLEM is what millrace/http answers an error with. Source: RFC 9457. */
export const PROBLEM: JsonSchema = {
  type: "object",
  description: "An error, as RFC 9457 has it. `code` and `reason` are for programs, `detail` is for people.",
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: "string", description: "The kind of error, one of gRPC's sixteen." },
    reason: { type: "string", description: "The finer kind." },
    request_id: { type: "string", description: "Finds the request in the server's log." },
    issues: {
      type: "array",
      description: "Everything that is wrong with the input.",
      items: {
        type: "object",
        properties: { path: { type: "string" }, message: { type: "string" } },
        required: ["path", "message"],
      },
    },
  },
  required: ["type", "title", "status", "code", "reason", "request_id"],
};
