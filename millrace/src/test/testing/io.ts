/** io is an asynchronous call that takes some time: anything may happen before it gives its value. */
export async function io<T>(value?: T): Promise<T | undefined> {
  await Promise.resolve();
  return value;
}
