import { describe, expect, test } from 'vitest';
import { wrapped } from '../../../webview/lib/pen';
import { type Measure, SvgPen } from '../../../webview/lib/svg';

/** Six pixels a letter; the letters' own baseline lies 3 below the middle. */
function measure(): Measure {
  const context: Measure = {
    font: '',
    textBaseline: 'alphabetic',
    measureText: (text) => ({ width: text.length * 6, actualBoundingBoxAscent: context.textBaseline === 'middle' ? 2 : 5 }) as TextMetrics,
  };
  return context;
}

const elements = (svg: string) => svg.split('\n').filter((line) => /^<(path|text|g|\/g)/.test(line));

describe('the pen that writes SVG', () => {
  test('paths hold where they were drawn, in plain colours', () => {
    const pen = new SvgPen(measure());
    pen.fillStyle = 'rgba(255, 0, 16, 0.25)';
    pen.translate(10, 20);
    pen.fillRect(1, 2, 3, 4);
    pen.strokeStyle = '#0a0b0c';
    pen.lineWidth = 2;
    pen.setLineDash([3, 1.5]);
    pen.beginPath();
    pen.moveTo(0, 0);
    pen.lineTo(1 / 3, 5);
    pen.bezierCurveTo(1, 1, 2, 2, 3, 3);
    pen.stroke();
    expect(elements(pen.document(9.2, 5, 'a', 'b'))).toEqual([
      '<path d="M11 22h3v4h-3z" fill="#ff0010" fill-opacity="0.25"/>',
      '<path d="M10 20L10.33 25C11 21 12 22 13 23" fill="none" stroke="#0a0b0c" stroke-width="2" stroke-dasharray="3 1.5"/>',
    ]);
  });

  test('text is text: anchored, on its own baseline, turned, escaped', () => {
    const pen = new SvgPen(measure());
    pen.fillStyle = 'rgb(0, 0, 0)';
    pen.font = 'italic bold 11px "A B", monospace';
    pen.textAlign = 'right';
    pen.textBaseline = 'middle';
    pen.fillText('<a & "b">', 5, 7);
    pen.save();
    pen.translate(4, 6);
    pen.rotate(-Math.PI / 2);
    pen.textAlign = 'center';
    pen.fillText('\u2068x\u2069\u0000', 0, 0);
    pen.restore();
    expect(elements(pen.document(1, 1, '', ''))).toEqual([
      `<text x="5" y="10" text-anchor="end" font-family="'A B', monospace" font-size="11" font-style="italic" font-weight="bold" fill="#000000">&lt;a &amp; &quot;b&quot;&gt;</text>`,
      `<text transform="matrix(0 -1 1 0 7 6)" text-anchor="middle" font-family="'A B', monospace" font-size="11" font-style="italic" font-weight="bold" fill="#000000">x\ufffd</text>`,
    ]);
  });

  test('a clip holds until restore, clips nest, hatches are made once', () => {
    const pen = new SvgPen(measure());
    const square = (size: number) => {
      pen.beginPath();
      pen.rect(0, 0, size, size);
    };
    pen.save();
    square(9);
    pen.clip();
    pen.fillStyle = pen.hatch('#112233');
    pen.fillRect(0, 0, 1, 1);
    pen.save();
    square(5);
    pen.clip();
    pen.fillStyle = pen.hatch('#112233');
    pen.fillRect(0, 0, 2, 2);
    pen.restore();
    pen.restore();
    pen.fillStyle = '#000000';
    pen.fillRect(0, 0, 3, 3);
    const svg = pen.document(1, 1, 'T <1>', 'D');
    expect(elements(svg)).toEqual([
      '<g clip-path="url(#clip0)">',
      '<path d="M0 0h1v1h-1z" fill="url(#hatch1)"/>',
      '</g>',
      '<g clip-path="url(#clip2)">',
      '<path d="M0 0h2v2h-2z" fill="url(#hatch1)"/>',
      '</g>',
      '<path d="M0 0h3v3h-3z" fill="#000000"/>',
    ]);
    expect(svg).toContain('<clipPath id="clip2" clip-path="url(#clip0)"><path d="M0 0h5v5h-5z"/></clipPath>');
    expect(svg).toContain('<title>T &lt;1&gt;</title>');
  });

  test('words are broken into lines that fit', () => {
    const pen = new SvgPen(measure());
    expect(wrapped(pen, 'one two three extraordinarily far', 60)).toEqual(['one two', 'three', 'extraordinarily', 'far']);
  });
});
