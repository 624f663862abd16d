import { PGlite } from "@electric-sql/pglite";
import { Splitter, message, typeOf } from "./wire.ts";

/**
 * SETTINGS are what the embedded PostgreSQL is started with, beyond PGlite's own. shared_buffers is 128 MB by default:
 * with 16 MB the process takes 175 MB instead of 305, and what is not found there is in the system's cache.
 */
const SETTINGS = ["-c", "shared_buffers=16MB"];

/**
 * INITDB makes WAL segments of 1 MB instead of 16: a new database is 30 MB instead of 39, and its WAL is cut as it needs.
 */
const INITDB = ["--wal-segsize=1"];

// How much of PostgreSQL's log a failed start shows.
const LOG_LINES = 20;

/**
 * Database is the PGlite handle. Nothing else touches it, and only one exec runs at a time: beside an open transaction
 * any other call would land inside that transaction.
 *
 * It writes to the files with plain writes and never waits for the disk: what was acknowledged survives the death of
 * the process, not of the machine.
 */
export class Database {
  /** greeting is the ParameterStatus messages with which the server greets a connection. */
  readonly greeting: Buffer;
  readonly #pglite: PGlite;
  readonly #onFatal: (message: Buffer) => void;

  private constructor(pglite: PGlite, greeting: Buffer, onFatal: (message: Buffer) => void) {
    this.#pglite = pglite;
    this.greeting = greeting;
    this.#onFatal = onFatal;
  }

  /**
   * open starts PostgreSQL over a data directory, which is made by initdb when it is missing. onFatal is called when
   * PostgreSQL gives up (FATAL, PANIC) and must not return: PGlite would call into it again for ever.
   */
  static async open(dir: string, onFatal: (message: Buffer) => void): Promise<Database> {
    const pglite = await start(dir);
    const greeting: Buffer[] = [];
    await exec(pglite, startupPacket(), (m) => typeOf(m) === "S" && greeting.push(m), onFatal);
    return new Database(pglite, Buffer.concat(greeting), onFatal);
  }

  /** exec runs whole messages and hands on each message of the answer as it comes, in memory of its own. */
  exec(messages: Uint8Array, onMessage: (message: Buffer) => void): Promise<void> {
    return exec(this.#pglite, messages, onMessage, this.#onFatal);
  }

  /** close writes a checkpoint and stops PostgreSQL. */
  close(): Promise<void> {
    return this.#pglite.close();
  }
}

// PGlite itself only says that it failed; why is in PostgreSQL's log.
async function start(dir: string): Promise<PGlite> {
  const log: string[] = [];
  try {
    return await PGlite.create({
      dataDir: dir,
      startParams: [...PGlite.defaultStartParams, ...SETTINGS],
      initDbStartParams: INITDB,
      onStderr: (line) => {
        if (log.push(line) > LOG_LINES) log.shift();
        return false;
      },
    });
  } catch (err) {
    throw new Error(`${err instanceof Error ? err.message : String(err)}\n${log.join("\n")}`, { cause: err });
  }
}

// Not execProtocolRaw: that parses every answer and keeps what it parsed for ever, half a kilobyte a statement.
// syncToFs does nothing for a directory; without it the call is over when PostgreSQL is.
async function exec(
  pglite: PGlite,
  messages: Uint8Array,
  onMessage: (message: Buffer) => void,
  onFatal: (message: Buffer) => void,
): Promise<void> {
  const splitter = new Splitter(Infinity);
  await pglite.execProtocolRawStream(messages, {
    syncToFs: false,
    onRawData: (bytes) => {
      // The bytes are a view into the memory of PostgreSQL.
      splitter.push(bytes.slice());
      for (let next = splitter.next(); next !== undefined; next = splitter.next()) {
        if (isFatal(next)) onFatal(next);
        onMessage(next);
      }
    },
  });
}

// V is the severity that is never translated; no field can hold a zero byte.
function isFatal(m: Buffer): boolean {
  return typeOf(m) === "E" && (m.includes("\0VFATAL\0", 5, "latin1") || m.includes("\0VPANIC\0", 5, "latin1"));
}

function startupPacket(): Buffer {
  const packet = message("\0", Buffer.from([0, 3, 0, 0]), "user", "postgres", "database", "postgres", Buffer.of(0));
  return packet.subarray(1);
}
