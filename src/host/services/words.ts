/** Numbers, sizes and times in the user's language. No vscode here: the language and the translation are handed in. */

/** Signature of `vscode.l10n.t` that pure files use. */
export type Translate = (message: string, ...args: (string | number)[]) => string;

export interface Words {
  readonly t: Translate;
  int(value: number): string;
  /** Three significant digits. */
  num(value: number): string;
  /** "7.1 %" */
  percent(share: number): string;
  /** "3.4 MB" (10^6 bytes), kB under 100 kB, bytes under 1 kB. */
  size(bytes: number): string;
  /** "0.8 M" parameters. */
  millions(count: number): string;
  /** "8 s", "4 min", "2 h 5 min". */
  duration(seconds: number): string;
}

/** No-break, so that a number keeps its unit. */
const narrow = '\u202f';

export function words(t: Translate, language: string): Words {
  const format = (options: Intl.NumberFormatOptions) => {
    const formatter = new Intl.NumberFormat(language, options);
    return (value: number) => formatter.format(value).replace('-', '−');
  };
  const int = format({ maximumFractionDigits: 0 });
  const num = format({ maximumSignificantDigits: 3 });
  const oneDigit = format({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const short = (value: number) => (value >= 10 ? int(value) : oneDigit(value));
  return {
    t,
    int,
    num,
    percent: (share) => {
      const value = share * 100;
      if (value > 0 && value < 0.1) return `<${narrow}${oneDigit(0.1)}${narrow}%`;
      return `${value >= 9.95 ? int(value) : oneDigit(value)}${narrow}%`;
    },
    size: (bytes) => {
      if (bytes >= 100_000) return t('{0} MB', short(bytes / 1e6));
      return bytes >= 1_000 ? t('{0} kB', short(bytes / 1e3)) : t('{0} bytes', int(bytes));
    },
    millions: (count) => t('{0} M', short(count / 1e6)),
    duration: (seconds) => {
      if (seconds < 60) return t('{0} s', int(Math.max(0, seconds)));
      const minutes = Math.round(seconds / 60);
      if (minutes < 60) return t('{0} min', int(minutes));
      return minutes % 60 ? t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60) : t('{0} h', minutes / 60);
    },
  };
}
