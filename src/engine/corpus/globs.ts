/** Include and exclude globs, relative to a root. A glob without a slash holds at every depth, as in `.gitignore`. */
import picomatch from 'picomatch';

/** True where the path (forward slashes, no leading slash), or one of the folders it is in, matches one of the globs. */
export function matcher(globs: readonly string[]): (path: string) => boolean {
  const tests = globs
    .map((glob) =>
      glob
        .trim()
        .replace(/^\.?\//, '')
        .replace(/\/+$/, ''),
    )
    .filter(Boolean)
    .map((glob) => {
      const basename = !glob.includes('/');
      const test = picomatch(glob, { dot: true, nonegate: true, strictSlashes: false });
      return (path: string) => test(basename ? path.slice(path.lastIndexOf('/') + 1) : path);
    });
  return (path) => {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const prefix = path.slice(0, end);
      if (tests.some((test) => test(prefix))) return true;
    }
    return false;
  };
}
