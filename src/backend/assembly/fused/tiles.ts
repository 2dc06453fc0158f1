// Small matrix products on working memory that lies in the first cache: what attention is made of.
import { V, vAdd, vLoad, vLoadSplat, vMadd, vSplat, vStore, W, WB } from '../vector';

/**
 * c (+)= a . b, c [rows, columns], a [rows, k], b [k, columns], row by row with `lda`, `ldb`, `ldc` bytes from one to the
 * next. `rows` is a multiple of 4, `columns` of 8. `transposed`: a is stored [k, rows].
 */
// @ts-ignore: decorator
@inline
export function product(
  a: usize, lda: usize, transposed: bool, b: usize, ldb: usize, c: usize, ldc: usize, rows: i32, columns: i32, k: i32, accumulate: bool,
): void {
  // From one row of the tile to the next, and from one p to the next.
  const across: usize = transposed ? 4 : lda;
  const along: usize = transposed ? lda : 4;
  for (let row = 0; row < rows; row += 4) {
    for (let column = 0; column < columns; column += 2 * W) {
      let a0 = a + <usize>row * across;
      let a1 = a0 + across;
      let a2 = a1 + across;
      let a3 = a2 + across;
      let pb = b + ((<usize>column) << 2);
      const out = c + <usize>row * ldc + ((<usize>column) << 2);
      let c00 = vSplat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
      for (let p = 0; p < k; p++) {
        const b0 = vLoad(pb);
        const b1 = vLoad(pb + WB);
        let x = vLoadSplat(a0);
        c00 = vMadd(x, b0, c00);
        c01 = vMadd(x, b1, c01);
        x = vLoadSplat(a1);
        c10 = vMadd(x, b0, c10);
        c11 = vMadd(x, b1, c11);
        x = vLoadSplat(a2);
        c20 = vMadd(x, b0, c20);
        c21 = vMadd(x, b1, c21);
        x = vLoadSplat(a3);
        c30 = vMadd(x, b0, c30);
        c31 = vMadd(x, b1, c31);
        a0 += along;
        a1 += along;
        a2 += along;
        a3 += along;
        pb += ldb;
      }
      put(out, c00, c01, accumulate);
      put(out + ldc, c10, c11, accumulate);
      put(out + 2 * ldc, c20, c21, accumulate);
      put(out + 3 * ldc, c30, c31, accumulate);
    }
  }
}

// @ts-ignore: decorator
@inline
function put(at: usize, x: V, y: V, accumulate: bool): void {
  vStore(at, accumulate ? vAdd(vLoad(at), x) : x);
  vStore(at + WB, accumulate ? vAdd(vLoad(at + WB), y) : y);
}
