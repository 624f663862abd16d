export { type PgliteDriver, type PgliteOptions, pglite } from "./driver.ts";
export { prepareSnapshot } from "./snapshot.ts";
