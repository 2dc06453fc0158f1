// What rows of logits say of the tokens that came: softmax at one place, rank, entropy, and the most probable ones.
import { at, int, pointer } from '../args';
import { vExp, vLog } from '../math';
import { vAdd, vAny, vEq, vGreatest, vLoad, vLoadPartOr, vLt, vMadd, vSelect, vSplat, vStorePart, vSub, vSum, vUpper, W } from '../vector';

/** e ** this is 0. A token that cannot come (negative infinity) then adds nothing to the entropy, where 0 * infinity would. */
const never: f32 = -105;

/** Elements of one sum in single precision: a multiple of every `W`. */
const blockSize: i32 = 64;

/** How many of x [n] come before place `target` when they are ordered by size, then by place. */
// @ts-ignore: decorator
@inline
function rankOf(x: usize, n: i32, target: i32): i32 {
  const own = load<f32>(at(x, target));
  const one = vSplat(1);
  const none = vSplat(0);
  let above = none;
  let equal = none;
  let i = 0;
  for (; i + W <= n; i += W) {
    const values = vLoad(at(x, i));
    above = vAdd(above, vSelect(vLt(vSplat(own), values), one, none));
    equal = vAdd(equal, vSelect(vEq(vSplat(own), values), one, none));
  }
  let rank = <i32>vSum(above);
  for (; i < n; i++) if (load<f32>(at(x, i)) > own) rank++;
  // Besides the target itself: hardly ever.
  if (vSum(equal) > 1) for (let j = 0; j < target; j++) if (load<f32>(at(x, j)) == own) rank++;
  return rank;
}

/** Puts place i with its value where it belongs among the `held` greatest so far, of at most `most`. Gives how many are held. */
// @ts-ignore: decorator
@inline
function insert(ids: usize, values: usize, held: i32, most: i32, i: i32, value: f32): i32 {
  let place = held;
  while (place > 0 && value > load<f32>(at(values, place - 1))) place--;
  if (place == most) return held;
  for (let j = min(held, most - 1); j > place; j--) {
    store<i32>(at(ids, j), load<i32>(at(ids, j - 1)));
    store<f32>(at(values, j), load<f32>(at(values, j - 1)));
  }
  store<i32>(at(ids, place), i);
  store<f32>(at(values, place), value);
  return min(held + 1, most);
}

/** Places and values of the `most` (1 .. n) greatest of x [n], the first of equals first. */
// @ts-ignore: decorator
@inline
function greatest(x: usize, n: i32, ids: usize, values: usize, most: i32): void {
  let held = 0;
  let i = 0;
  for (; i < most; i++) held = insert(ids, values, held, most, i, load<f32>(at(x, i)));
  const last = at(values, most - 1);
  for (; i + W <= n; i += W) {
    if (!vAny(vLt(vSplat(load<f32>(last)), vLoad(at(x, i))))) continue;
    for (let j = i; j < i + W; j++) insert(ids, values, held, most, j, load<f32>(at(x, j)));
  }
  for (; i < n; i++) insert(ids, values, held, most, i, load<f32>(at(x, i)));
}

/**
 * judged[row] = log probability of targets[row], its rank from 0, the entropy of the row, both in nats; ids and logprobs: the
 * `most` most probable places. All NaN where a logit is, or where the greatest is infinite.
 * Pointers: logits [rows, V], targets, judged [rows, 3], ids [rows, most], logprobs [rows, most]; ints: rows, V, most, each (rows of a unit).
 */
export function judgeRows(args: usize, begin: i32, end: i32): void {
  const V = int(args, 6);
  const most = int(args, 7);
  const to = min<i32>(end * int(args, 8), int(args, 5));
  const whole = V - (V % W);
  for (let row = begin * int(args, 8); row < to; row++) {
    const x = at(pointer(args, 0), row * V);
    const target = load<i32>(at(pointer(args, 1), row));
    const out = at(pointer(args, 2), row * 3);

    let upper = vSplat(-Infinity);
    for (let i = 0; i < whole; i += W) upper = vUpper(upper, vLoad(at(x, i)));
    if (whole < V) upper = vUpper(upper, vLoadPartOr(at(x, whole), V - whole, -Infinity));
    const top = vGreatest(upper);
    const shift = vSplat(top);
    // Short sums in single precision, and theirs in double: a vocabulary of 200,000 loses no digit.
    let total: f64 = 0;
    let weighted: f64 = 0;
    for (let block = 0; block < V; block += blockSize) {
      const stop = min(V, block + blockSize);
      let shares = vSplat(0);
      let products = vSplat(0);
      for (let i = block; i < stop; i += W) {
        // What fills the last vector adds nothing.
        const values = i < whole ? vLoad(at(x, i)) : vLoadPartOr(at(x, whole), V - whole, -Infinity);
        const shifted = vSub(values, shift);
        const share = vExp(shifted);
        shares = vAdd(shares, share);
        products = vMadd(share, vUpper(shifted, vSplat(never)), products);
      }
      total += vSum(shares);
      weighted += vSum(products);
    }
    vStorePart(out, vLog(vSplat(<f32>total)), 1);
    // Infinity less itself is not a number.
    const logTotal = <f64>load<f32>(out) + <f64>(top - top);
    const level = <f64>top + logTotal;
    store<f32>(out, <f32>(<f64>load<f32>(at(x, target)) - level));
    store<f32>(out + 4, <f32>rankOf(x, V, target));
    store<f32>(out + 8, <f32>(logTotal - weighted / total));

    if (most == 0) continue;
    const values = at(pointer(args, 4), row * most);
    greatest(x, V, at(pointer(args, 3), row * most), values, most);
    for (let i = 0; i < most; i++) store<f32>(at(values, i), <f32>(<f64>load<f32>(at(values, i)) - level));
  }
}
