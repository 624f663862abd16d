export { type CallInit, Client, newClient } from "./client.ts";
export type { ClientHedgeOptions, ClientOptions, ClientRetryOptions, NewBreaker } from "./options.ts";
export { bothHooks } from "./both-hooks.ts";
export type { ClientHooks, Sending, SentRequest } from "./hooks.ts";
export type { FetchInit, RequestBody } from "./outgoing.ts";
export { ClientResponse } from "./response.ts";
export { HttpFailure, type Problem } from "./http-failure.ts";
export { type Resolver, type Target, dnsResolver } from "./resolver.ts";
export type { ClientTls } from "./transport.ts";
