export { type ConfigOptions, loadConfig } from "./load.ts";
export { type ConfigRow, configRows, printConfig } from "./print.ts";
export { ConfigFailure, type Problem } from "./failure.ts";
export type { Field, Fields, Settings } from "./settings.ts";
export type { StandardSchema } from "../schema/index.ts";
export { type Derivation, type UrlPartsOptions, urlParts } from "./url-parts.ts";
