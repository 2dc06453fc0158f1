/**
 * Training with its byte counters: once a run has begun, the text realm counts what the train realm then writes into the
 * run's history. The two realms know nothing of each other, and training waits for neither.
 */
import type { TextApi, TrainApi } from '../protocol/engine';
import type { CallOptions, Client } from '../protocol/rpc';

export function withCounters(train: Client<TrainApi>, text: Client<TextApi>): Client<TrainApi> {
  const counting = async <Result>(
    run: string,
    options: CallOptions<TrainApi['start']['progress']> = {},
    call: (options: CallOptions<TrainApi['start']['progress']>) => Promise<Result>,
  ): Promise<Result> => {
    const over = new AbortController();
    const count = async () => {
      const counters = await text.counters({ run }, { signal: over.signal });
      if (counters) await train.counted({ run, counters });
    };
    try {
      return await call({
        ...options,
        onProgress: (event) => {
          // Where this fails, the train realm counts at its end.
          if (event.type === 'start') count().catch(() => undefined);
          options.onProgress?.(event);
        },
      });
    } finally {
      over.abort();
    }
  };
  const start: typeof train.start = (request, options) => counting(request.run, options, (own) => train.start(request, own));
  const resume: typeof train.resume = (request, options) => counting(request.run, options, (own) => train.resume(request, own));
  // All other methods are those of the client, which names none of them.
  return Object.assign(Object.create(train) as typeof train, { start, resume });
}
