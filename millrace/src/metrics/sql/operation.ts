// What PostgreSQL's statements begin with, as far as services send them; a label must not hold what a caller wrote.
const OPERATIONS = new Set(
  (
    "SELECT INSERT UPDATE DELETE MERGE WITH VALUES TABLE COPY BEGIN START COMMIT ROLLBACK SAVEPOINT RELEASE SET SHOW " +
    "CREATE ALTER DROP TRUNCATE GRANT REVOKE CALL DO EXPLAIN ANALYZE VACUUM LOCK LISTEN UNLISTEN NOTIFY FETCH DECLARE " +
    "CLOSE PREPARE EXECUTE DEALLOCATE DISCARD REFRESH REINDEX COMMENT CLUSTER CHECKPOINT"
  ).split(" "),
);

// One at a time and from where the last one ended, so that no text makes it go back.
const SKIPPED = /\s+|\(|--[^\n]*|\/\*[^]*?\*\//y;
const WORD = /[a-z]+/iy;

/** operationOf is the first word of a statement in capitals, behind comments; "_OTHER" if that is no operation. @internal */
export function operationOf(statement: string): string {
  // A script may be megabytes long: only its head is looked at.
  const head = statement.slice(0, 1000);
  WORD.lastIndex = SKIPPED.lastIndex = 0;
  while (SKIPPED.test(head)) WORD.lastIndex = SKIPPED.lastIndex;
  const word = WORD.exec(head)?.[0].toUpperCase() ?? "";
  return OPERATIONS.has(word) ? word : "_OTHER";
}
