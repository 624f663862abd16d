import { type Ctx, background, ctxKey, sleep, withTimeout, withValue } from "millrace/context";
import { type Code, Failure, ValidationFailure, codeOf, is, sentinel } from "millrace/errors";
import { Secret } from "millrace/secret";
import { Task, go, runningTasks } from "millrace/task";
import { formatDuration, parseDuration } from "millrace/time";

// What a user's own code looks like. It is compiled, against the packed package, by older compilers than ours.

const user = ctxKey("user", "nobody");
const notThere = sentinel("shop/not_there", "not_found", "not there");

async function work(ctx: Ctx): Promise<string> {
  await sleep(ctx, parseDuration("1ms"));
  return ctx.get(user);
}

export async function run(): Promise<Code> {
  using ctx = withTimeout(background, 1_000, { cause: new Failure("too slow", { code: "deadline_exceeded" }) });
  await using task: Task<string> = go(withValue(ctx, user, "ann"), work, { name: "work" });
  const name: string = await task;
  const password: Secret<string> = new Secret("s3cret");
  const invalid = new ValidationFailure("order", [{ path: ["items", 0, "price"], message: name }]);
  if (is(invalid, notThere)) return codeOf(notThere);
  console.log(`${formatDuration(1)} ${password.reveal()} ${runningTasks().length}`);
  return codeOf(invalid);
}
