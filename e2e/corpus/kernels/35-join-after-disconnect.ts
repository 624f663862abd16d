import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A socket joins a room once the database has answered; if it has gone meanwhile, the room keeps it for ever. */
export const kernel: Kernel = {
  id: 35,
  name: "join after the disconnect",
  seen: ["socketio/socket.io#4380", "overleaf/real-time#67"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, (rooms, socket) => rooms.join(socket)),
  fixed: (k) =>
    scenario(k, (rooms, socket) => {
      if (socket.connected) rooms.join(socket);
    }),
};

async function scenario(k: Environment, join: (rooms: Room, socket: Socket) => void): Promise<void> {
  const room = new Room();
  const visit = async (before: number): Promise<void> => {
    await calls(k, before);
    const socket = new Socket();
    socket.once("disconnect", () => room.leave(socket));
    const ask = async (): Promise<void> => {
      await k.io("may this user come in?");
      join(room, socket);
    };
    const browse = async (): Promise<void> => {
      await calls(k, 3);
      socket.disconnect();
    };
    await Promise.all([ask(), browse()]);
  };
  await Promise.all([visit(0), visit(2)]);
  assert.equal(room.size, 0, "the room holds sockets that are gone");
}

class Socket extends EventEmitter {
  connected = true;

  disconnect(): void {
    this.connected = false;
    this.emit("disconnect");
  }
}

class Room {
  readonly #members = new Set<Socket>();

  get size(): number {
    return this.#members.size;
  }

  join(socket: Socket): void {
    this.#members.add(socket);
  }

  leave(socket: Socket): void {
    this.#members.delete(socket);
  }
}
