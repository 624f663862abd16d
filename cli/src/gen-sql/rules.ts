/** RULES are the rules by name, each with what it finds. */
export const RULES = {
  "seq-scan": "a statement that reads a table from end to end to find some of its rows",
  "many-without-limit": ":many without LIMIT: the answer grows with the table",
  "unindexed-foreign-key": "a foreign key without an index: deleting what it refers to reads the whole table",
  "no-where": "UPDATE or DELETE without WHERE",
  "select-star": "SELECT *: what a migration adds is read too",
} as const;

/** Rule is the name of a rule. */
export type Rule = keyof typeof RULES;

/** isRule says whether a word names a rule. */
export function isRule(word: string): word is Rule {
  return Object.hasOwn(RULES, word);
}
