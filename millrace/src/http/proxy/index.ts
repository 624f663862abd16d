export { type ProxyOptions, proxy } from "./proxy.ts";
