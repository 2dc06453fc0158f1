// Functions of one tensor, element by element. A unit is `block` elements.
import { at, int, pointer } from '../args';
import { vExp } from '../math';
import { W, V, vLoad, vLoadPart, vStore, vStorePart } from '../vector';

/** As in `../../loupe/stock/elementwise.ts`. */
const block: i32 = 16384;

/** out[i] = e ** x[i]; x, out, n. */
export function exp(args: usize, begin: i32, end: i32): void {
  const x = pointer(args, 0);
  const out = pointer(args, 1);
  const last = min(int(args, 2), end * block);
  let i = begin * block;
  for (; i + W <= last; i += W) vStore(at(out, i), vExp(vLoad(at(x, i))));
  if (i < last) vStorePart(at(out, i), vExp(vLoadPart(at(x, i), last - i)), last - i);
}
