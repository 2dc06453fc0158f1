// Rows of a table by id, and the gradient: rows of equal ids added up in the order of the ids, whoever adds them.
import { at, int, pointer } from '../args';
import { vAdd, vLoad, vLoadPart, vStore, vStorePart, W } from '../vector';

/** Pointers: table [V, D], ids, out [N, D]; ints: N, D, each (ids of a unit). */
export function gatherRows(args: usize, begin: i32, end: i32): void {
  const ids = pointer(args, 1);
  const D = int(args, 4);
  const to = min<i32>(end * int(args, 5), int(args, 3));
  for (let n = begin * int(args, 5); n < to; n++) {
    memory.copy(at(pointer(args, 2), n * D), at(pointer(args, 0), load<i32>(at(ids, n)) * D), D << 2);
  }
}

/** Pointers: dy [N, D], ids, out [V, D]; ints: N, D, V, each (rows of the table of a unit). */
export function scatterAddRows(args: usize, begin: i32, end: i32): void {
  const ids = pointer(args, 1);
  const out = pointer(args, 2);
  const N = int(args, 3);
  const D = int(args, 4);
  const from = begin * int(args, 6);
  const to = min<i32>(end * int(args, 6), int(args, 5));
  memory.fill(at(out, from * D), 0, ((to - from) * D) << 2);
  for (let n = 0; n < N; n++) {
    const id = load<i32>(at(ids, n));
    if (id < from || id >= to) continue;
    const row = at(out, id * D);
    const dy = at(pointer(args, 0), n * D);
    let i = 0;
    for (; i + W <= D; i += W) vStore(at(row, i), vAdd(vLoad(at(row, i)), vLoad(at(dy, i))));
    if (i < D) vStorePart(at(row, i), vAdd(vLoadPart(at(row, i), D - i), vLoadPart(at(dy, i), D - i)), D - i);
  }
}
