export { type StallLog, type StallOptions, StallWatch, watchStalls } from "./watch-stalls.ts";
