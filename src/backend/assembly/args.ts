// Reading the argument block that the host wrote: 32 slots of whole numbers, then 16 of f32.

export const floatsAt: usize = 128;

// @ts-ignore: decorator
@inline
export function int(args: usize, slot: usize): i32 {
  return load<i32>(args + (slot << 2));
}

// @ts-ignore: decorator
@inline
export function pointer(args: usize, slot: usize): usize {
  return load<u32>(args + (slot << 2));
}

// @ts-ignore: decorator
@inline
export function float(args: usize, slot: usize): f32 {
  return load<f32>(args + floatsAt + (slot << 2));
}

/** The address of element i of an f32 array. */
// @ts-ignore: decorator
@inline
export function at(base: usize, i: i32): usize {
  return base + ((<usize>i) << 2);
}
