export { Cache, type CacheStats, type Load, openCache } from "./cache.ts";
export type { CacheOptions, Evicted, NegativeOptions } from "./options.ts";
