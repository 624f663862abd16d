// @ts-nocheck generated, and what it imports has no declarations
/**
 * What `prisma generate` 7.10 writes for the schema that stands in inlineSchema, without its 180 kB of types: the CLI and
 * its engines are not needed to measure the client.
 */
import * as runtime from "@prisma/client/runtime/client";

interface User {
  readonly id: number;
  readonly email: string;
  readonly name: string;
}

interface EventData {
  readonly userId: number;
  readonly kind: string;
  readonly body: string;
}

/** Tables is what of the client's methods is used here. */
interface Tables {
  readonly user: {
    findUnique(query: { where: { id: number }; select: { id: true; name: true } }): Promise<User | null>;
    findMany(query: { where: { id: { gt: number } }; orderBy: { id: "asc" }; take: number }): Promise<User[]>;
  };
  readonly account: {
    update(query: {
      where: { id: number };
      data: { balance: { increment: number } };
      select: { balance: true };
    }): Promise<{ balance: bigint }>;
  };
  readonly event: { create(query: { data: EventData; select: { id: true } }): Promise<{ id: bigint }> };
}

/** Prisma is the client as far as it is used here. */
export interface Prisma extends Tables {
  $transaction<T>(fn: (tx: Tables) => Promise<T>): Promise<T>;
}

const config: Record<string, unknown> & { runtimeDataModel: unknown } = {
  previewFeatures: [],
  clientVersion: "7.10.1",
  engineVersion: "d1b3f377ca835d73fd50954a5e22128b9ebdd6b8",
  activeProvider: "postgresql",
  inlineSchema:
    'generator client {\n  provider               = "prisma-client"\n  output                 = "../gen"\n  generatedFileExtension = "ts"\n  importFileExtension    = "ts"\n}\n\ndatasource db {\n  provider = "postgresql"\n}\n\nmodel User {\n  id        Int      @id\n  email     String\n  name      String\n  balance   Decimal  @db.Decimal(12, 2)\n  active    Boolean\n  createdAt DateTime @map("created_at") @db.Timestamptz()\n\n  @@map("users")\n}\n\nmodel Account {\n  id      Int    @id\n  balance BigInt\n\n  @@map("accounts")\n}\n\nmodel Event {\n  id     BigInt @id @default(autoincrement())\n  userId Int    @map("user_id")\n  kind   String\n  body   String\n\n  @@map("events")\n}\n',
  runtimeDataModel: {
    models: {},
    enums: {},
    types: {},
  },
  parameterizationSchema: {
    strings: [],
    graph: "",
  },
};

config.runtimeDataModel = JSON.parse(
  '{"models":{"User":{"fields":[{"name":"id","kind":"scalar","type":"Int"},{"name":"email","kind":"scalar","type":"String"},{"name":"name","kind":"scalar","type":"String"},{"name":"balance","kind":"scalar","type":"Decimal"},{"name":"active","kind":"scalar","type":"Boolean"},{"name":"createdAt","kind":"scalar","type":"DateTime","dbName":"created_at"}],"dbName":"users","schema":null},"Account":{"fields":[{"name":"id","kind":"scalar","type":"Int"},{"name":"balance","kind":"scalar","type":"BigInt"}],"dbName":"accounts","schema":null},"Event":{"fields":[{"name":"id","kind":"scalar","type":"BigInt"},{"name":"userId","kind":"scalar","type":"Int","dbName":"user_id"},{"name":"kind","kind":"scalar","type":"String"},{"name":"body","kind":"scalar","type":"String"}],"dbName":"events","schema":null}},"enums":{},"types":{}}',
);
config.parameterizationSchema = {
  strings: JSON.parse(
    '["where","User.findUnique","User.findUniqueOrThrow","orderBy","cursor","User.findFirst","User.findFirstOrThrow","User.findMany","data","User.createOne","User.createMany","User.createManyAndReturn","User.updateOne","User.updateMany","User.updateManyAndReturn","create","update","User.upsertOne","User.deleteOne","User.deleteMany","having","_count","_avg","_sum","_min","_max","User.groupBy","User.aggregate","Account.findUnique","Account.findUniqueOrThrow","Account.findFirst","Account.findFirstOrThrow","Account.findMany","Account.createOne","Account.createMany","Account.createManyAndReturn","Account.updateOne","Account.updateMany","Account.updateManyAndReturn","Account.upsertOne","Account.deleteOne","Account.deleteMany","Account.groupBy","Account.aggregate","Event.findUnique","Event.findUniqueOrThrow","Event.findFirst","Event.findFirstOrThrow","Event.findMany","Event.createOne","Event.createMany","Event.createManyAndReturn","Event.updateOne","Event.updateMany","Event.updateManyAndReturn","Event.upsertOne","Event.deleteOne","Event.deleteMany","Event.groupBy","Event.aggregate","AND","OR","NOT","id","userId","kind","body","equals","in","notIn","lt","lte","gt","gte","contains","startsWith","endsWith","not","balance","email","name","active","createdAt","set","increment","decrement","multiply","divide"]',
  ),
  graph:
    "fx8wCTwAAGcAMD0AAAQAED4AAGcAMD8CAAAAAU4QAGgAIU8BAFoAIVABAFoAIVEgAGkAIVJAAGoAIQEAAAABACABAAAAAQAgCTwAAGcAMD0AAAQAED4AAGcAMD8CAFkAIU4QAGgAIU8BAFoAIVABAFoAIVEgAGkAIVJAAGoAIQADAAAABAAgAwAABQAwBAAAAQAgAwAAAAQAIAMAAAUAMAQAAAEAIAMAAAAEACADAAAFADAEAAABACAGPwIAAAABThAAAAABTwEAAAABUAEAAAABUSAAAAABUkAAAAABAQgAAAkAIAY_AgAAAAFOEAAAAAFPAQAAAAFQAQAAAAFRIAAAAAFSQAAAAAEBCAAACwAwAQgAAAsAMAY_AgBxACFOEAB9ACFPAQByACFQAQByACFRIAB-ACFSQAB_ACECAAAAAQAgCAAADgAgBj8CAHEAIU4QAH0AIU8BAHIAIVABAHIAIVEgAH4AIVJAAH8AIQIAAAAEACAIAAAQACACAAAABAAgCAAAEAAgAwAAAAEAIA8AAAkAIBAAAA4AIAEAAAABACABAAAABAAgBRUAAHgAIBYAAHkAIBcAAHwAIBgAAHsAIBkAAHoAIAk8AABdADA9AAAXABA-AABdADA_AgBOACFOEABeACFPAQBPACFQAQBPACFRIABfACFSQABgACEDAAAABAAgAwAAFgAwFAAAFwAgAwAAAAQAIAMAAAUAMAQAAAEAIAU8AABcADA9AAAdABA-AABcADA_AgAAAAFOBABYACEBAAAAGgAgAQAAABoAIAU8AABcADA9AAAdABA-AABcADA_AgBZACFOBABYACEAAwAAAB0AIAMAAB4AMAQAABoAIAMAAAAdACADAAAeADAEAAAaACADAAAAHQAgAwAAHgAwBAAAGgAgAj8CAAAAAU4EAAAAAQEIAAAiACACPwIAAAABTgQAAAABAQgAACQAMAEIAAAkADACPwIAcQAhTgQAcAAhAgAAABoAIAgAACcAIAI_AgBxACFOBABwACECAAAAHQAgCAAAKQAgAgAAAB0AIAgAACkAIAMAAAAaACAPAAAiACAQAAAnACABAAAAGgAgAQAAAB0AIAUVAABzACAWAAB0ACAXAAB3ACAYAAB2ACAZAAB1ACAFPAAAWwAwPQAAMAAQPgAAWwAwPwIATgAhTgQATQAhAwAAAB0AIAMAAC8AMBQAADAAIAMAAAAdACADAAAeADAEAAAaACAHPAAAVwAwPQAANgAQPgAAVwAwPwQAAAABQAIAWQAhQQEAWgAhQgEAWgAhAQAAADMAIAEAAAAzACAHPAAAVwAwPQAANgAQPgAAVwAwPwQAWAAhQAIAWQAhQQEAWgAhQgEAWgAhAAMAAAA2ACADAAA3ADAEAAAzACADAAAANgAgAwAANwAwBAAAMwAgAwAAADYAIAMAADcAMAQAADMAIAQ_BAAAAAFAAgAAAAFBAQAAAAFCAQAAAAEBCAAAOwAgBD8EAAAAAUACAAAAAUEBAAAAAUIBAAAAAQEIAAA9ADABCAAAPQAwBD8EAHAAIUACAHEAIUEBAHIAIUIBAHIAIQIAAAAzACAIAABAACAEPwQAcAAhQAIAcQAhQQEAcgAhQgEAcgAhAgAAADYAIAgAAEIAIAIAAAA2ACAIAABCACADAAAAMwAgDwAAOwAgEAAAQAAgAQAAADMAIAEAAAA2ACAFFQAAawAgFgAAbAAgFwAAbwAgGAAAbgAgGQAAbQAgBzwAAEwAMD0AAEkAED4AAEwAMD8EAE0AIUACAE4AIUEBAE8AIUIBAE8AIQMAAAA2ACADAABIADAUAABJACADAAAANgAgAwAANwAwBAAAMwAgBzwAAEwAMD0AAEkAED4AAEwAMD8EAE0AIUACAE4AIUEBAE8AIUIBAE8AIQ0VAABRACAWAABUACAXAABWACAYAABWACAZAABWACBDBAAAAAFEBAAAAARFBAAAAARGBAAAAAFHBAAAAAFIBAAAAAFJBAAAAAFNBABVACENFQAAUQAgFgAAVAAgFwAAUQAgGAAAUQAgGQAAUQAgQwIAAAABRAIAAAAERQIAAAAERgIAAAABRwIAAAABSAIAAAABSQIAAAABTQIAUwAhDhUAAFEAIBgAAFIAIBkAAFIAIEMBAAAAAUQBAAAABEUBAAAABEYBAAAAAUcBAAAAAUgBAAAAAUkBAAAAAUoBAAAAAUsBAAAAAUwBAAAAAU0BAFAAIQ4VAABRACAYAABSACAZAABSACBDAQAAAAFEAQAAAARFAQAAAARGAQAAAAFHAQAAAAFIAQAAAAFJAQAAAAFKAQAAAAFLAQAAAAFMAQAAAAFNAQBQACEIQwIAAAABRAIAAAAERQIAAAAERgIAAAABRwIAAAABSAIAAAABSQIAAAABTQIAUQAhC0MBAAAAAUQBAAAABEUBAAAABEYBAAAAAUcBAAAAAUgBAAAAAUkBAAAAAUoBAAAAAUsBAAAAAUwBAAAAAU0BAFIAIQ0VAABRACAWAABUACAXAABRACAYAABRACAZAABRACBDAgAAAAFEAgAAAARFAgAAAARGAgAAAAFHAgAAAAFIAgAAAAFJAgAAAAFNAgBTACEIQwgAAAABRAgAAAAERQgAAAAERggAAAABRwgAAAABSAgAAAABSQgAAAABTQgAVAAhDRUAAFEAIBYAAFQAIBcAAFYAIBgAAFYAIBkAAFYAIEMEAAAAAUQEAAAABEUEAAAABEYEAAAAAUcEAAAAAUgEAAAAAUkEAAAAAU0EAFUAIQhDBAAAAAFEBAAAAARFBAAAAARGBAAAAAFHBAAAAAFIBAAAAAFJBAAAAAFNBABWACEHPAAAVwAwPQAANgAQPgAAVwAwPwQAWAAhQAIAWQAhQQEAWgAhQgEAWgAhCEMEAAAAAUQEAAAABEUEAAAABEYEAAAAAUcEAAAAAUgEAAAAAUkEAAAAAU0EAFYAIQhDAgAAAAFEAgAAAARFAgAAAARGAgAAAAFHAgAAAAFIAgAAAAFJAgAAAAFNAgBRACELQwEAAAABRAEAAAAERQEAAAAERgEAAAABRwEAAAABSAEAAAABSQEAAAABSgEAAAABSwEAAAABTAEAAAABTQEAUgAhBTwAAFsAMD0AADAAED4AAFsAMD8CAE4AIU4EAE0AIQU8AABcADA9AAAdABA-AABcADA_AgBZACFOBABYACEJPAAAXQAwPQAAFwAQPgAAXQAwPwIATgAhThAAXgAhTwEATwAhUAEATwAhUSAAXwAhUkAAYAAhDRUAAFEAIBYAAGYAIBcAAGYAIBgAAGYAIBkAAGYAIEMQAAAAAUQQAAAABEUQAAAABEYQAAAAAUcQAAAAAUgQAAAAAUkQAAAAAU0QAGUAIQUVAABRACAYAABkACAZAABkACBDIAAAAAFNIABjACELFQAAUQAgGAAAYgAgGQAAYgAgQ0AAAAABREAAAAAERUAAAAAERkAAAAABR0AAAAABSEAAAAABSUAAAAABTUAAYQAhCxUAAFEAIBgAAGIAIBkAAGIAIENAAAAAAURAAAAABEVAAAAABEZAAAAAAUdAAAAAAUhAAAAAAUlAAAAAAU1AAGEAIQhDQAAAAAFEQAAAAARFQAAAAARGQAAAAAFHQAAAAAFIQAAAAAFJQAAAAAFNQABiACEFFQAAUQAgGAAAZAAgGQAAZAAgQyAAAAABTSAAYwAhAkMgAAAAAU0gAGQAIQ0VAABRACAWAABmACAXAABmACAYAABmACAZAABmACBDEAAAAAFEEAAAAARFEAAAAARGEAAAAAFHEAAAAAFIEAAAAAFJEAAAAAFNEABlACEIQxAAAAABRBAAAAAERRAAAAAERhAAAAABRxAAAAABSBAAAAABSRAAAAABTRAAZgAhCTwAAGcAMD0AAAQAED4AAGcAMD8CAFkAIU4QAGgAIU8BAFoAIVABAFoAIVEgAGkAIVJAAGoAIQhDEAAAAAFEEAAAAARFEAAAAARGEAAAAAFHEAAAAAFIEAAAAAFJEAAAAAFNEABmACECQyAAAAABTSAAZAAhCENAAAAAAURAAAAABEVAAAAABEZAAAAAAUdAAAAAAUhAAAAAAUlAAAAAAU1AAGIAIQAAAAAABVMEAAAAAVQEAAAAAVUEAAAAAVYEAAAAAVcEAAAAAQVTAgAAAAFUAgAAAAFVAgAAAAFWAgAAAAFXAgAAAAEBUwEAAAABAAAAAAAAAAAAAAVTEAAAAAFUEAAAAAFVEAAAAAFWEAAAAAFXEAAAAAEBUyAAAAABAVNAAAAAAQAAAAAFFQAGFgAHFwAIGAAJGQAKAAAAAAAFFQAGFgAHFwAIGAAJGQAKAAAABRUAEBYAERcAEhgAExkAFAAAAAAABRUAEBYAERcAEhgAExkAFAAAAAUVABoWABsXABwYAB0ZAB4AAAAAAAUVABoWABsXABwYAB0ZAB4BAgECAwEFBgEGBwEHCAEJCgEKDAILDQMMDwENEQIOEgQREwESFAETFQIaGAUbGQscGwwdHAweHwwfIAwgIQwhIwwiJQIjJg0kKAwlKgImKw4nLAwoLQwpLgIqMQ8rMhUsNBYtNRYuOBYvORYwOhYxPBYyPgIzPxc0QRY1QwI2RBg3RRY4RhY5RwI6Shk7Sx8",
};

config.compilerWasm = {
  getRuntime: async () => await import("@prisma/client/runtime/query_compiler_fast_bg.postgresql.mjs"),

  getQueryCompilerWasmModule: async () => {
    const { wasm } = await import("@prisma/client/runtime/query_compiler_fast_bg.postgresql.wasm-base64.mjs");
    return new WebAssembly.Module(Buffer.from(wasm, "base64"));
  },

  importName: "./query_compiler_fast_bg.js",
};

const Client = runtime.getPrismaClient(config as never) as new (options: { adapter: unknown }) => Prisma;

/** openPrisma is the client over an adapter. */
export function openPrisma(adapter: unknown): Prisma {
  return new Client({ adapter });
}
