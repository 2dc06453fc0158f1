// Rows in and out of working memory, turned by RoPE (Su et al. 2021, halves as Hugging Face has them) on the way.
import { at } from '../args';
import { vLoad, vLoadPart, vMadd, vMul, vNmadd, vSplat, vStore, vStorePart, W } from '../vector';

/**
 * Copies `rows` rows of d floats times `scale`, `from` and `to` bytes from one to the next. With `cos` (0: no turn),
 * [rows, d]: y = x cos + [-x2, x1] sin; `back`: the transposed turn. May work in place.
 */
export function turnRows(
  x: usize, from: usize, y: usize, to: usize, rows: i32, d: i32, cos: usize, sin: usize, back: bool, scale: f32,
): void {
  const factor = vSplat(scale);
  for (let row = 0; row < rows; row++) {
    if (cos == 0) {
      let i = 0;
      for (; i + W <= d; i += W) vStore(at(y, i), vMul(vLoad(at(x, i)), factor));
      if (i < d) vStorePart(at(y, i), vMul(vLoadPart(at(x, i), d - i), factor), d - i);
    } else {
      const half = d >> 1;
      let i = 0;
      for (; i + W <= half; i += W) {
        const x1 = vLoad(at(x, i));
        const x2 = vLoad(at(x, i + half));
        const c1 = vLoad(at(cos, i));
        const c2 = vLoad(at(cos, i + half));
        const s1 = vLoad(at(sin, i));
        const s2 = vLoad(at(sin, i + half));
        vStore(at(y, i), vMul(factor, back ? vMadd(x2, s2, vMul(x1, c1)) : vNmadd(x2, s1, vMul(x1, c1))));
        vStore(at(y, i + half), vMul(factor, back ? vNmadd(x1, s1, vMul(x2, c2)) : vMadd(x1, s2, vMul(x2, c2))));
      }
      for (; i < half; i++) {
        const x1 = load<f32>(at(x, i));
        const x2 = load<f32>(at(x, i + half));
        const c1 = load<f32>(at(cos, i));
        const c2 = load<f32>(at(cos, i + half));
        const s1 = load<f32>(at(sin, i));
        const s2 = load<f32>(at(sin, i + half));
        store<f32>(at(y, i), scale * (back ? x1 * c1 + x2 * s2 : x1 * c1 - x2 * s1));
        store<f32>(at(y, i + half), scale * (back ? x2 * c2 - x1 * s1 : x2 * c2 + x1 * s2));
      }
      cos += <usize>d << 2;
      sin += <usize>d << 2;
    }
    x += from;
    y += to;
  }
}

/** x [rows, d] -> y [d, rows], `from` and `to` bytes from one row to the next. Both are working memory: blocks of 4 x 4 may reach beyond the last row and column. */
export function transposed(x: usize, from: usize, y: usize, to: usize, rows: i32, d: i32): void {
  if (ASC_FEATURE_SIMD) {
    for (let row = 0; row < rows; row += 4) {
      for (let i = 0; i < d; i += 4) {
        const p = at(x, i) + <usize>row * from;
        const a = v128.load(p);
        const b = v128.load(p + from);
        const c = v128.load(p + 2 * from);
        const e = v128.load(p + 3 * from);
        const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
        const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
        const ce0 = v128.shuffle<i32>(c, e, 0, 4, 1, 5);
        const ce1 = v128.shuffle<i32>(c, e, 2, 6, 3, 7);
        const q = at(y, row) + <usize>i * to;
        v128.store(q, v128.shuffle<i64>(ab0, ce0, 0, 2));
        v128.store(q + to, v128.shuffle<i64>(ab0, ce0, 1, 3));
        v128.store(q + 2 * to, v128.shuffle<i64>(ab1, ce1, 0, 2));
        v128.store(q + 3 * to, v128.shuffle<i64>(ab1, ce1, 1, 3));
      }
    }
  } else {
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < d; i++) store<f32>(at(y, row) + <usize>i * to, load<f32>(at(x, i) + <usize>row * from));
    }
  }
}
