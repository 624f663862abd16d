/** Prisma 7 over its adapter for node-postgres, with a pool of 10; it has no COPY. */
import { PrismaPg } from "@prisma/adapter-pg";
import { measure } from "../work.ts";
import { openPrisma } from "./prisma-client.ts";

const prisma = openPrisma(new PrismaPg({ connectionString: process.env["DATABASE_URL"]!, max: 10 }));

await measure({
  pointSelect: async (id) =>
    (await prisma.user.findUnique({ where: { id }, select: { id: true, name: true } })) ?? undefined,
  insert: async ([userId, kind, body]) =>
    (await prisma.event.create({ data: { userId, kind, body }, select: { id: true } })).id,
  list: (after) => prisma.user.findMany({ where: { id: { gt: after } }, orderBy: { id: "asc" }, take: 20 }),
  transfer: (from, to, [userId, kind, body]) =>
    prisma.$transaction(async (tx) => {
      const move = (id: number, by: number) =>
        tx.account.update({ where: { id }, data: { balance: { increment: by } }, select: { balance: true } });
      const { balance } = await move(from, -1);
      await move(to, 1);
      await tx.event.create({ data: { userId, kind, body }, select: { id: true } });
      return balance;
    }),
});
