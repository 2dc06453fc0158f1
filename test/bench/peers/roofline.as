// Two loops in AssemblyScript (not TypeScript): one only computes, the other only moves numbers.

/** 12 chains of fused multiply-adds of four numbers each, as many as the tile of our matrix product has. 8 * 12 * rounds operations. */
export function multiply(rounds: i32, factor: f32): f32 {
  const x = f32x4.splat(factor);
  let a = f32x4.splat(1);
  let b = f32x4.splat(2),
    c = f32x4.splat(3),
    d = f32x4.splat(4),
    e = f32x4.splat(5),
    f = f32x4.splat(6);
  let g = f32x4.splat(7),
    h = f32x4.splat(8),
    i = f32x4.splat(9),
    j = f32x4.splat(10),
    k = f32x4.splat(11),
    l = f32x4.splat(12);
  for (let round = 0; round < rounds; round++) {
    a = f32x4.relaxed_madd(x, x, a);
    b = f32x4.relaxed_madd(x, x, b);
    c = f32x4.relaxed_madd(x, x, c);
    d = f32x4.relaxed_madd(x, x, d);
    e = f32x4.relaxed_madd(x, x, e);
    f = f32x4.relaxed_madd(x, x, f);
    g = f32x4.relaxed_madd(x, x, g);
    h = f32x4.relaxed_madd(x, x, h);
    i = f32x4.relaxed_madd(x, x, i);
    j = f32x4.relaxed_madd(x, x, j);
    k = f32x4.relaxed_madd(x, x, k);
    l = f32x4.relaxed_madd(x, x, l);
  }
  const all = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  return f32x4.extract_lane(f32x4.add(all, f32x4.add(f32x4.add(i, j), f32x4.add(k, l))), 0);
}

/** a[i] = b[i] + c[i] for bytes `from` .. `to` - 1 of three arrays of `size` bytes, one after another from `at`. */
export function add(at: usize, size: usize, from: usize, to: usize): void {
  let a = at + from;
  let b = a + size;
  let c = b + size;
  const end = at + to;
  while (a < end) {
    v128.store(a, f32x4.add(v128.load(b), v128.load(c)));
    v128.store(a + 16, f32x4.add(v128.load(b + 16), v128.load(c + 16)));
    v128.store(a + 32, f32x4.add(v128.load(b + 32), v128.load(c + 32)));
    v128.store(a + 48, f32x4.add(v128.load(b + 48), v128.load(c + 48)));
    a += 64;
    b += 64;
    c += 64;
  }
}
