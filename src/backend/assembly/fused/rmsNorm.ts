// RMSNorm (Zhang & Sennrich 2019): y = x r w, r = 1 / sqrt(mean(x^2) + eps), by rows of D. A unit is `each` rows.
// The gradient of w is a sum over rows: one partial per unit, which `sumPartials` adds up in order.
import { at, float, int, pointer } from '../args';
import { vAdd, vLoad, vLoadPart, vMadd, vMul, vSplat, vStore, vStorePart, vSub, vSum, W } from '../vector';
import { first, last } from './blocks';

/** Pointers: x, w, y, r; ints: rows, D, each; float: eps. */
export function rmsNorm(args: usize, begin: i32, end: i32): void {
  const w = pointer(args, 1);
  const rows = int(args, 4);
  const D = int(args, 5);
  const each = int(args, 6);
  const eps = float(args, 0);
  const to = min<i32>(end * each, rows);
  const whole = D - (D % W);
  for (let row = begin * each; row < to; row++) {
    const x = at(pointer(args, 0), row * D);
    const y = at(pointer(args, 2), row * D);
    let squares = vSplat(0);
    for (let i = 0; i < whole; i += W) squares = vMadd(vLoad(at(x, i)), vLoad(at(x, i)), squares);
    if (whole < D) {
      const rest = vLoadPart(at(x, whole), D - whole);
      squares = vMadd(rest, rest, squares);
    }
    const inverse = <f32>1 / sqrt<f32>(vSum(squares) / <f32>D + eps);
    store<f32>(at(pointer(args, 3), row), inverse);
    const r = vSplat(inverse);
    for (let i = 0; i < whole; i += W) vStore(at(y, i), vMul(vMul(vLoad(at(x, i)), r), vLoad(at(w, i))));
    if (whole < D) {
      const n = D - whole;
      vStorePart(at(y, whole), vMul(vMul(vLoadPart(at(x, whole), n), r), vLoadPart(at(w, whole), n)), n);
    }
  }
}

/**
 * With n = x r and dn = dy w: dx = r (dn - n mean(dn n)), dw = sum over rows of dy n.
 * Pointers: x, w, r, dy, dx, partials [units, D]; ints: rows, D, each.
 */
export function rmsNormGrad(args: usize, begin: i32, end: i32): void {
  const w = pointer(args, 1);
  const rows = int(args, 6);
  const D = int(args, 7);
  const each = int(args, 8);
  const whole = D - (D % W);
  const left = D - whole;
  for (let unit = begin; unit < end; unit++) {
    const dw = at(pointer(args, 5), unit * D);
    memory.fill(dw, 0, D << 2);
    const to = min<i32>((unit + 1) * each, rows);
    for (let row = unit * each; row < to; row++) {
      const x = at(pointer(args, 0), row * D);
      const dy = at(pointer(args, 3), row * D);
      const dx = at(pointer(args, 4), row * D);
      const inverse = load<f32>(at(pointer(args, 2), row));
      const r = vSplat(inverse);
      let dots = vSplat(0);
      for (let i = 0; i < whole; i += W) {
        const t = vMul(vLoad(at(dy, i)), vMul(vLoad(at(x, i)), r));
        vStore(at(dw, i), vAdd(vLoad(at(dw, i)), t));
        dots = vMadd(t, vLoad(at(w, i)), dots);
      }
      if (left > 0) {
        const t = vMul(vLoadPart(at(dy, whole), left), vMul(vLoadPart(at(x, whole), left), r));
        vStorePart(at(dw, whole), vAdd(vLoadPart(at(dw, whole), left), t), left);
        dots = vMadd(t, vLoadPart(at(w, whole), left), dots);
      }
      const mean = vSplat((vSum(dots) / <f32>D) * inverse);
      for (let i = 0; i < whole; i += W) {
        const dn = vMul(vLoad(at(dy, i)), vLoad(at(w, i)));
        vStore(at(dx, i), vMul(r, vSub(dn, vMul(vLoad(at(x, i)), mean))));
      }
      if (left > 0) {
        const dn = vMul(vLoadPart(at(dy, whole), left), vLoadPart(at(w, whole), left));
        vStorePart(at(dx, whole), vMul(r, vSub(dn, vMul(vLoadPart(at(x, whole), left), mean))), left);
      }
    }
  }
}

/** out[i] = partials[0][i] + partials[1][i] + ... Pointers: partials [count, size], out; ints: count, size. Units: blocks of out. */
export function sumPartials(args: usize, begin: i32, end: i32): void {
  const out = pointer(args, 1);
  const count = int(args, 2);
  const size = int(args, 3);
  const from = first(begin);
  const to = last(end, size);
  memory.copy(at(out, from), at(pointer(args, 0), from), (to - from) << 2);
  for (let n = 1; n < count; n++) {
    const part = at(pointer(args, 0), n * size);
    let i = from;
    for (; i + W <= to; i += W) vStore(at(out, i), vAdd(vLoad(at(out, i)), vLoad(at(part, i))));
    if (i < to) vStorePart(at(out, i), vAdd(vLoadPart(at(out, i), to - i), vLoadPart(at(part, i), to - i)), to - i);
  }
}
