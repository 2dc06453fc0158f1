// Cross entropy of rows of logits, in place: the logits become their own gradient.
import { at, float, int, pointer } from '../args';
import { vExp, vLog } from '../math';
import { vAdd, vGreatest, vLoad, vLoadPart, vLoadPartOr, vMul, vSplat, vStore, vStorePart, vSub, vSum, vUpper, W } from '../vector';

/**
 * losses[row] = log(sum(exp(logits))) - logits[target]; logits = (softmax(logits) - onehot(target)) * scale.
 * Pointers: logits [rows, V], targets, losses; ints: rows, V, each (rows of a unit); float: scale.
 */
export function softmaxLoss(args: usize, begin: i32, end: i32): void {
  const V = int(args, 4);
  const to = min<i32>(end * int(args, 5), int(args, 3));
  const whole = V - (V % W);
  const left = V - whole;
  const scale = float(args, 0);
  for (let row = begin * int(args, 5); row < to; row++) {
    const x = at(pointer(args, 0), row * V);
    const target = load<i32>(at(pointer(args, 1), row));
    let most = vSplat(-Infinity);
    for (let i = 0; i < whole; i += W) most = vUpper(most, vLoad(at(x, i)));
    if (left > 0) most = vUpper(most, vLoadPartOr(at(x, whole), left, -Infinity));
    const top = vGreatest(most);
    const shift = vSplat(top);
    const aim = load<f32>(at(x, target)) - top;
    let sums = vSplat(0);
    for (let i = 0; i < whole; i += W) {
      const e = vExp(vSub(vLoad(at(x, i)), shift));
      vStore(at(x, i), e);
      sums = vAdd(sums, e);
    }
    let total = vSum(sums);
    for (let i = whole; i < V; i++) {
      const e = vExp(vSub(vSplat(load<f32>(at(x, i))), shift));
      vStorePart(at(x, i), e, 1);
      total += load<f32>(at(x, i));
    }
    vStorePart(at(pointer(args, 2), row), vSub(vLog(vSplat(total)), vSplat(aim)), 1);
    const factor = vSplat(scale / total);
    for (let i = 0; i < whole; i += W) vStore(at(x, i), vMul(vLoad(at(x, i)), factor));
    if (left > 0) vStorePart(at(x, whole), vMul(vLoadPart(at(x, whole), left), factor), left);
    store<f32>(at(x, target), load<f32>(at(x, target)) - scale);
  }
}
