import { resolve } from 'node:path';
import { command } from '../command';
import { UsageError } from '../errors';
import { writeWhole } from '../files';
import { readText } from '../input';
import { refuseTokenizer } from '../model';
import { text } from '../options';
import { size } from '../output';

export const activations = command({
  name: 'activations',
  usage: '(--text T | --ids 1,2,3 | FILE) --out FILE.safetensors',
  summary: 'every intermediate tensor of a text, as a safetensors file',
  notes: ['The metadata of the file names the model, the dtype of its weights, the backend, the ids and the text.'],
  example: "llm-loupe activations --text 'Bonjour' --out bonjour.safetensors --only 'layers.0.*'",
  arguments: [0, 1],
  options: {
    text: text('--text', { help: 'the text itself' }),
    ids: text('--ids', { value: 'IDS', help: 'ids with commas or spaces, <bos> among them where it is wanted' }),
    out: text('--out', { value: 'FILE', help: 'file to write to' }),
    only: text('--only', { value: 'GLOB', help: 'only the tensors whose names match' }),
  },
  async run(context) {
    const { options, positionals, out, engine, model } = context;
    refuseTokenizer(context);
    if (options.out === undefined) throw new UsageError('--out is needed');
    const sources = [options.text, options.ids, positionals[0]].filter((source) => source !== undefined);
    if (sources.length > 1) throw new UsageError('the text comes from --text, from --ids or from a file: choose one');
    const ids = options.ids === undefined ? null : readIds(options.ids);
    const given = ids ? null : (options.text ?? (await readText(positionals[0])));
    const { bytes } = await engine().inspect.activations({ model, text: given, ids, only: options.only ?? null });
    await writeWhole(options.out, bytes);
    const path = resolve(options.out);
    if (out.json) return out.document({ path, bytes: bytes.length });
    await out.line(`${size(bytes.length)} written to ${path}`);
  },
});

function readIds(list: string): number[] {
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((word) => {
      if (!/^\d{1,10}$/.test(word)) throw new UsageError(`--ids cannot hold "${word}": ids are whole numbers from 0`);
      return Number(word);
    });
}
