export { type Prepare, type TestDatabase, type TestDatabaseOptions, testDatabase } from "./test-database.ts";
