import { message } from "./wire.ts";

/**
 * startupKind says what the first packet of a connection asks for: a new connection, that another one's query be
 * canceled, or encryption, after the refusal of which another packet follows.
 * Source: https://www.postgresql.org/docs/18/protocol-message-formats.html
 */
export function startupKind(packet: Buffer): "startup" | "cancel" | "encryption" | "unknown" {
  if (packet.byteLength < 8) return "unknown";
  switch (packet.readUInt32BE(4)) {
    case 80877102: // CancelRequest
      return "cancel";
    case 80877103: // SSLRequest
    case 80877104: // GSSENCRequest
      return "encryption";
    default:
      // The major version; user, database and the rest do not matter: there is one of each.
      return packet.readUInt16BE(4) === 3 ? "startup" : "unknown";
  }
}

/** accepted is the answer to a new connection: no password, the parameters, an id, ready. */
export function accepted(connection: number, greeting: Buffer): Uint8Array<ArrayBuffer> {
  const key = Buffer.alloc(8);
  key.writeInt32BE(connection, 0);
  return new Uint8Array(
    Buffer.concat([message("R", Buffer.alloc(4)), greeting, message("K", key), message("Z", Buffer.from("I"))]),
  );
}
