/**
 * Import this before uPlot: while it loads, uPlot makes a number format for `navigator.language`, which is not always a valid
 * tag ("en-US@posix" where Linux runs with LANG=C), and the whole panel would stay empty.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
}
