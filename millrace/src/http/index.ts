export type { FetchHandler, Handler, Middleware, SecurityScheme, Traits } from "./handler.ts";
export type { FinishHook, Outcome, PathParams, Req } from "./req.ts";
export { type Body, Reply, type ReplyOptions, created, json, noContent, redirect, stream, text } from "./reply.ts";
export { ctxFrom } from "./ctx-from.ts";
export { type FileOptions, file } from "./file.ts";
export { type StaticFilesOptions, staticFiles } from "./static-files.ts";
export { type SseEvent, type SseOptions, lastEventId, sse } from "./sse.ts";
export { accepts, byMediaType } from "./negotiate.ts";
export type { MultipartLimits, Part } from "./multipart.ts";
export { html } from "./html.ts";
export { problem } from "./problem.ts";
export { statusOf } from "./status.ts";
export { ClientDisconnected } from "./failure.ts";
export { type ParamsOf, type RouteInfo, Router } from "./router.ts";
export { middleware } from "./traits.ts";
export { endpoint } from "./endpoint.ts";
export {
  type BodyOutput,
  type EndpointBody,
  type MultipartBody,
  type MultipartSpec,
  form,
  isEndpointBody,
  multipart,
} from "./endpoint-body.ts";
export type { FileLimits, UploadedFile } from "./endpoint-files.ts";
export type { DescribedAnswer, EndpointAnswer, EndpointInput, EndpointParams, EndpointSpec } from "./endpoint-spec.ts";
export { type AnsweredRoute, impliedAnswers } from "./endpoint-answer.ts";
export { type Provider, provide } from "./provide.ts";
export type { Input, Output, SchemaIssue, SchemaResult, StandardSchema } from "../schema/index.ts";
export type { Trace } from "../trace/w3c.ts";
export { traceparent, tracestate } from "../trace/traceparent.ts";
