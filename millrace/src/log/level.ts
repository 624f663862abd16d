/** LEVELS are the levels of a line, least urgent first. */
export const LEVELS = ["debug", "info", "warn", "error"] as const;

/** Level says how urgent a line is; a log writes the lines of its own level and of those after it. */
export type Level = (typeof LEVELS)[number];
