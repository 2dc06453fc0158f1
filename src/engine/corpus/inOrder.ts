/** Works on several items at once and gives the results in the order of the items, holding at most `limit` of them. */
export async function* inOrder<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
  signal?: AbortSignal,
): AsyncGenerator<Result, void, void> {
  const running: Promise<Result>[] = [];
  let next = 0;
  try {
    while (next < items.length || running.length > 0) {
      signal?.throwIfAborted();
      while (running.length < limit && next < items.length) {
        const result = work(items[next++]!);
        // One that fails before its turn is not unhandled: its turn comes.
        result.catch(() => undefined);
        running.push(result);
      }
      yield await running.shift()!;
    }
  } finally {
    await Promise.allSettled(running);
  }
}
