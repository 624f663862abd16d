/** BEFORE_ALL is lower than every id: where a list begins. A list's query compares, whether it begins or goes on. */
export const BEFORE_ALL = "00000000-0000-0000-0000-000000000000";
