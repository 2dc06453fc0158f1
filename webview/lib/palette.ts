/**
 * The colours a picture is drawn with. Pictures never read the theme themselves: they are given a palette, so that the same
 * code draws on the screen in any theme and on white paper.
 */
import { diverging, over, parseColour, type Rgb, type Scale, sequential, withAlpha } from './colour';
import { isHighContrast, themeColour, themeKind } from './theme';

export interface Palette {
  readonly background: Rgb;
  readonly foreground: Rgb;
  readonly dim: Rgb;
  readonly line: Rgb;
  readonly focus: Rgb;
  readonly accent: Rgb;
  /** Blue, orange, green, red, purple, yellow; never more than six at once. */
  readonly categories: readonly Rgb[];
  /** 0 is the background. */
  readonly sequential: Scale;
  /** 0.5 is the background; orange below, blue above. */
  readonly diverging: Scale;
  /** Patterns and borders carry what colour carries elsewhere. */
  readonly highContrast: boolean;
  readonly mono: string;
  readonly sans: string;
}

const names = ['blue', 'orange', 'green', 'red', 'purple', 'yellow'] as const;

/** Of the theme as it is now. */
export function themePalette(): Palette {
  const dark = themeKind() === 'dark' || themeKind() === 'hc-black';
  const base: Rgb = dark ? [31, 31, 31, 1] : [255, 255, 255, 1];
  const background = over(parseColour(themeColour('editor.background')) ?? base, base);
  const read = (fallback: Rgb, ...ids: string[]) => over(parseColour(themeColour(...ids)) ?? fallback, background);
  const foreground = read(dark ? [204, 204, 204, 1] : [59, 59, 59, 1], 'editor.foreground', 'foreground');
  return build({
    background,
    foreground,
    dim: read(withAlpha(foreground, 0.7), 'descriptionForeground'),
    line: read(withAlpha(foreground, 0.2), 'panel.border', 'contrastBorder'),
    focus: read(foreground, 'focusBorder'),
    // VS Code's orange is translucent: its hue is wanted, not its weakness.
    categories: names.map((name, i) => withAlpha(parseColour(themeColour(`charts.${name}`)) ?? paperCategories[i]!, 1)),
    highContrast: isHighContrast(),
    mono: themeColour('editor.font.family') || 'monospace',
    sans: themeColour('font.family') || 'sans-serif',
  });
}

const paperCategories: readonly Rgb[] = [
  [26, 133, 255, 1],
  [209, 134, 22, 1],
  [56, 138, 52, 1],
  [229, 20, 0, 1],
  [101, 45, 144, 1],
  [191, 136, 3, 1],
];

/** For papers: white, whatever the theme. */
export function paperPalette(): Palette {
  const { mono, sans } = themePalette();
  return build({
    background: [255, 255, 255, 1],
    foreground: [31, 31, 31, 1],
    dim: [97, 97, 97, 1],
    line: [200, 200, 200, 1],
    focus: [0, 95, 184, 1],
    categories: paperCategories,
    highContrast: false,
    mono,
    sans,
  });
}

function build(colours: Omit<Palette, 'accent' | 'sequential' | 'diverging'>): Palette {
  const [accent, orange] = [colours.categories[0]!, colours.categories[1]!];
  return {
    ...colours,
    accent,
    sequential: sequential(colours.background, accent),
    diverging: diverging(orange, colours.background, accent),
  };
}
