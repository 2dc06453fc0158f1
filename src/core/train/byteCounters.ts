/**
 * What counting bytes alone predicts of the held-out windows that every evaluation looks at, in bits per byte: models that
 * look at 1, 2, 3 and 5 bytes together (see kneserNey), of the same training text that the model reads.
 */
import type { Batch } from './batches';
import { ByteCounter, type ByteModels, type CounterOrder, counterOrders } from './kneserNey';
import type { TokenSource } from './source';

/** Bits per byte; the number is how many bytes are looked at together, the predicted one among them. */
export interface ByteBaselines {
  readonly bytes1: number;
  readonly bytes2: number;
  readonly bytes3: number;
  readonly bytes5: number;
}

/** Bytes of an entry; nothing for a special token, which stands between two documents. */
export type TokenBytes = (id: number) => ArrayLike<number> | null;

/** What stands before a document (see kneserNey). */
const beginning = 0xffffffff;
/** Bytes of a document that are counted at a time. */
const pieceBytes = 1 << 16;

/**
 * `pause` is awaited every few milliseconds of work; it may throw. Memory follows the number of different sequences of five
 * bytes, up to a limit, not the text.
 */
export async function byteBaselines(
  train: TokenSource,
  batches: readonly Batch[],
  tokenBytes: TokenBytes,
  pause: () => Promise<void>,
): Promise<ByteBaselines> {
  const counter = new ByteCounter();
  const piece = new Uint8Array(pieceBytes);
  let length = 0;
  const count = () => {
    counter.add(piece.subarray(0, length));
    length = 0;
  };
  counter.begin();
  for (let at = 0; at < train.length; at += pieceBytes / 2) {
    for (const id of await train.read(at, Math.min(pieceBytes / 2, train.length - at))) {
      const bytes = tokenBytes(id);
      if (bytes === null) {
        count();
        counter.begin();
        continue;
      }
      for (let i = 0; i < bytes.length; i++) {
        if (length === pieceBytes) count();
        piece[length++] = bytes[i]!;
      }
    }
    await pause();
  }
  count();
  const models = await counter.modelsInSteps(pause);
  const scored = async (order: CounterOrder) => {
    await pause();
    return score(models, order, batches, tokenBytes);
  };
  return { bytes1: await scored(1), bytes2: await scored(2), bytes3: await scored(3), bytes5: await scored(5) };
}

/** Where fewer bytes are known than a model looks at (a window begins in the middle of a document), a shorter one predicts. */
function score(models: ByteModels, longest: CounterOrder, batches: readonly Batch[], tokenBytes: TokenBytes): number {
  let bits = 0;
  let count = 0;
  for (const { context, known, byte } of heldOut(batches, tokenBytes)) {
    const order = counterOrders.findLast((each) => each <= longest && each <= known + 1)!;
    bits += models.bitsOf(order, context, byte);
    count++;
  }
  return bits / count;
}

/** Each byte that evaluation predicts, with what stands before it in its window: the last `known` bytes, the latest lowest. */
function* heldOut(batches: readonly Batch[], tokenBytes: TokenBytes): Generator<{ context: number; known: number; byte: number }> {
  for (const { inputs, targets } of batches) {
    for (const [row, target] of targets.entries()) {
      let context = 0;
      let known = 0;
      for (const [place, id] of [inputs[row]![0]!, ...target].entries()) {
        const bytes = tokenBytes(id);
        if (bytes === null) [context, known] = [beginning, 4];
        for (const byte of Array.from(bytes ?? [])) {
          if (place > 0) yield { context, known, byte };
          context = ((context << 8) | byte) >>> 0;
          known = Math.min(4, known + 1);
        }
      }
    }
  }
}
