/**
 * The kernels for where memory cannot be shared (a page that is not isolated from other origins): the same module, that asks
 * for a memory of its own. One bit of its import says which; none of its instructions cares.
 */
const importSection = 2;
const [functionKind, tableKind, memoryKind, globalKind] = [0, 1, 2, 3];
const sharedFlag = 2;

/** A copy of a module (WebAssembly binary format 1) whose imported memory is not shared. */
export function unshared(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(module);
  let at = 8;
  /** An unsigned LEB128. */
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      value += (byte & 127) * (1 << shift);
      if (byte < 128) return value;
    }
  };
  const skip = (count: number) => {
    at += count;
  };
  while (at < bytes.length) {
    const section = number();
    const end = number() + at;
    if (section !== importSection) {
      at = end;
      continue;
    }
    for (let left = number(); left > 0; left--) {
      skip(number()); // the module's name
      skip(number());
      const kind = number();
      if (kind === memoryKind) bytes[at] = (bytes[at] as number) & ~sharedFlag;
      if (kind === functionKind) number();
      else if (kind === globalKind) skip(2);
      else {
        if (kind === tableKind) skip(1);
        const limited = (number() & 1) === 1;
        number();
        if (limited) number();
      }
    }
    break;
  }
  return bytes;
}
