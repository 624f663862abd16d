export { type Logged, type ServeOptions, type Served, serve } from "./serve.ts";
