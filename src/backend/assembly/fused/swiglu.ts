// SwiGLU (Shazeer 2020): silu(gate) * up, and its gradient, in one pass each.
import { at, int, pointer } from '../args';
import { vSigmoid } from '../math';
import { V, vAdd, vLoad, vLoadPart, vMul, vSplat, vStore, vStorePart, vSub, W } from '../vector';
import { first, last } from './blocks';

// @ts-ignore: decorator
@inline
function value(gate: V, up: V): V {
  return vMul(vMul(gate, vSigmoid(gate)), up);
}

/** Pointers: gate, up, out; int: count. Units: blocks. */
export function swiglu(args: usize, begin: i32, end: i32): void {
  const gate = pointer(args, 0);
  const up = pointer(args, 1);
  const out = pointer(args, 2);
  const to = last(end, int(args, 3));
  let i = first(begin);
  for (; i + W <= to; i += W) vStore(at(out, i), value(vLoad(at(gate, i)), vLoad(at(up, i))));
  if (i < to) vStorePart(at(out, i), value(vLoadPart(at(gate, i), to - i), vLoadPart(at(up, i), to - i)), to - i);
}

/** d silu / d gate = s (1 + gate (1 - s)) = s + silu (1 - s), for s = sigmoid(gate). */
// @ts-ignore: decorator
@inline
function slope(s: V, silu: V): V {
  return vAdd(s, vMul(silu, vSub(vSplat(1), s)));
}

/** Pointers: gate, up, dy, dGate, dUp; int: count. Units: blocks. */
export function swigluGrad(args: usize, begin: i32, end: i32): void {
  const gate = pointer(args, 0);
  const up = pointer(args, 1);
  const dy = pointer(args, 2);
  const dGate = pointer(args, 3);
  const dUp = pointer(args, 4);
  const to = last(end, int(args, 5));
  let i = first(begin);
  for (; i + W <= to; i += W) {
    const g = vLoad(at(gate, i));
    const s = vSigmoid(g);
    const silu = vMul(g, s);
    const d = vLoad(at(dy, i));
    vStore(at(dGate, i), vMul(vMul(d, vLoad(at(up, i))), slope(s, silu)));
    vStore(at(dUp, i), vMul(d, silu));
  }
  if (i < to) {
    const n = to - i;
    const g = vLoadPart(at(gate, i), n);
    const s = vSigmoid(g);
    const silu = vMul(g, s);
    const d = vLoadPart(at(dy, i), n);
    vStorePart(at(dGate, i), vMul(vMul(d, vLoadPart(at(up, i), n)), slope(s, silu)), n);
    vStorePart(at(dUp, i), vMul(d, silu), n);
  }
}
