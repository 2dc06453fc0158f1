/** A disk that works for some writes and then fails for good, as a full one does. */
import { type Disk, disk, fileError } from '../../../src/engine/files';

export function failingDisk(code: string, writes: number): Disk {
  let left = writes;
  const use = (path: string) => {
    if (left-- <= 0) throw fileError(Object.assign(new Error(code), { code }), path);
  };
  return {
    async write(path, data) {
      use(path);
      await disk.write(path, data);
    },
    appender: disk.appender,
  };
}
