import { describe, expect, it } from 'vitest';
import { fillPlaces, t } from '../../../webview/lib/l10n';
import { csvText, jsonText } from '../../../webview/lib/save';
import { describeToken, visible } from '../../../webview/lib/tokens';

describe('words', () => {
  it('fill numbered and named places, and leave unknown ones', () => {
    expect(t('{0} of {1}', 3, 8)).toBe('3 of 8');
    expect(t('{count} tokens, {0}', { count: 2 })).toBe('2 tokens, {0}');
    expect(fillPlaces('{0}{0}', ['a'])).toBe('aa');
  });

  it('make whitespace of a token visible', () => {
    expect(visible(' le\tchat\r\n')).toBe('·le⇥chat␍⏎');
    expect(visible('a\u00a0b\u202fc\u3000\u0000')).toBe('a⍽b⍽c·␀');
    expect(visible('😀 é')).toBe('😀·é');
  });

  it('say which byte of a character a fragment is', () => {
    const words = describeToken({ id: 300, text: '😀', fragment: { index: 0, of: 4 } });
    expect(words).toContain('byte 1 of 4');
    expect(words).toContain('token 300');
  });
});

describe('files', () => {
  it('quote what CSV must quote', () => {
    expect(
      csvText([
        ['a', 'b'],
        [',', '"'],
        ['\n', 1.5],
      ]),
    ).toBe('a,b\r\n",",""""\r\n"\n",1.5\r\n');
  });

  it('write typed arrays as plain ones', () => {
    expect(JSON.parse(jsonText({ x: Float32Array.of(1, 0.5), y: [null] }))).toEqual({ x: [1, 0.5], y: [null] });
  });
});
