export { countLines } from "./counted-log.ts";
