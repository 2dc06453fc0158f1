/**
 * Memory or invention: which runs of some texts stand in the text a model was trained on. Only runs know their training
 * text: the frozen token file and its manifest; one that continues another has read that one's text, too. For other models there is
 * nothing to compare with, and that is the answer.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CorpusFile } from '../../core/corpus/types';
import { type CopiedRun, CopyFinder, copiedShare } from '../../core/inspect/copies';
import type { Tokenizer } from '../../core/tokenizer/types';
import type { Copied, Copy, RealmConfig } from '../../protocol/engine';
import { fileError } from '../files';
import { breathe } from '../realm';
import { runOf } from '../references';
import { corpusFile, type RunRecord, readRun } from '../runs/folder';
import type { Tokenizers } from '../tokenizers';
import { bytesOfTokens, tokenPath } from '../train/prepare';
import { TokenFile } from '../train/tokenFile';

/** Ids read at a time: some hundred kilobytes of text, some milliseconds of work. */
const chunk = 1 << 16;
/** Never part of UTF-8: keeps runs from going across two texts. */
const separator = 0xff;

/** Null where the model's training text is not on this machine. Throws `file.*`, `training.noRun`. */
export async function copies(
  config: Pick<RealmConfig, 'runs' | 'starter'>,
  tokenizers: Tokenizers,
  { model, texts }: { model: string; texts: readonly string[] },
  signal: AbortSignal,
): Promise<Copied[] | null> {
  const read = await trainingTexts(config, tokenizers, model);
  if (read.length === 0) return null;
  try {
    const parts = texts.map((text) => new TextEncoder().encode(text));
    const starts: number[] = [];
    const written = new Uint8Array(parts.reduce((sum, part) => sum + part.length + 1, 0)).fill(separator);
    let length = 0;
    for (const part of parts) {
      starts.push(length);
      written.set(part, length);
      length += part.length + 1;
    }
    const finder = new CopyFinder(written);
    /** Index of the first document of each text. */
    const firsts: number[] = [];
    let documents = 0;
    for (const text of read) {
      firsts.push(documents);
      for await (const piece of text.pieces(signal)) {
        if (piece !== 'document') finder.feed(piece);
        else {
          finder.startDocument();
          documents++;
        }
      }
    }
    const place = (run: CopiedRun, part: Uint8Array) => {
      const at = firsts.findLastIndex((first) => first <= run.document);
      return read[at]!.place({ ...run, document: run.document - firsts[at]! }, part);
    };
    const found = finder.runs();
    const result: Copied[] = [];
    for (const [index, part] of parts.entries()) {
      const from = starts[index]!;
      const own = found
        .filter(({ byteStart }) => byteStart >= from && byteStart < from + part.length)
        .map((run) => ({ ...run, byteStart: run.byteStart - from, byteEnd: run.byteEnd - from }));
      const runs: Copy[] = [];
      for (const run of own) runs.push(await place(run, part));
      result.push({ runs, share: copiedShare(own, part.length) });
    }
    return result;
  } finally {
    for (const text of read) text.close();
  }
}

/** Of a run and of those that it continues, the newest first. What an earlier one has read is left out where that run was deleted. */
async function trainingTexts(
  config: Pick<RealmConfig, 'runs' | 'starter'>,
  tokenizers: Tokenizers,
  model: string,
): Promise<TrainingText[]> {
  const texts = new Map<string, TrainingText>();
  for (let ref: string | null = model; ref !== null; ) {
    const path: string | null = await runOf(config, ref);
    if (path === null || texts.has(path)) break;
    try {
      const record: RunRecord = await readRun(path);
      texts.set(path, await TrainingText.open(path, record, await tokenizers.get(path)));
      ref = record.from;
    } catch (error) {
      if (texts.size > 0) break;
      throw error;
    }
  }
  return [...texts.values()];
}

/** The training part of a run as it was frozen, document by document. */
class TrainingText {
  /** Index of the first id of each document, as far as was read. */
  private readonly starts: number[] = [];
  private readonly tokenBytes: (id: number) => Uint8Array | null;
  private readonly bos: number | undefined;

  private constructor(
    private readonly ids: TokenFile,
    private readonly files: readonly CorpusFile[],
    tokenizer: Tokenizer,
  ) {
    const known = new Map<number, Uint8Array | null>();
    const { tokenBytes } = bytesOfTokens(tokenizer);
    this.tokenBytes = (id) => {
      let bytes = known.get(id);
      if (bytes === undefined) {
        bytes = tokenBytes(id);
        known.set(id, bytes);
      }
      return bytes;
    };
    this.bos = tokenizer.special.bos;
  }

  static async open(path: string, record: RunRecord, tokenizer: Tokenizer): Promise<TrainingText> {
    const manifest = join(path, corpusFile);
    const json = await readFile(manifest, 'utf8').catch((error: unknown) => {
      throw fileError(error, manifest);
    });
    const { files } = JSON.parse(json) as { files: CorpusFile[] };
    const trained = files.filter((file) => file.part === 'train');
    return new TrainingText(TokenFile.open(tokenPath(path, 'train'), record.tokens.bytesPerId), trained, tokenizer);
  }

  /** The text in pieces, each document announced before its first. */
  async *pieces(signal: AbortSignal): AsyncGenerator<Uint8Array | 'document'> {
    this.starts.length = 0;
    // Where a tokenizer has no `<bos>`, all is one document.
    if (this.bos === undefined) yield this.begin(0);
    for (let at = 0; at < this.ids.length; at += chunk) {
      const ids = this.ids.read(at, chunk);
      let from = 0;
      for (let i = 0; i < ids.length; i++) {
        if (ids[i] !== this.bos) continue;
        if (i > from) yield this.bytes(ids.subarray(from, i));
        yield this.begin(at + i);
        from = i;
      }
      yield this.bytes(ids.subarray(from));
      await breathe();
      signal.throwIfAborted();
    }
  }

  /** The file and the line a run was copied from. */
  async place({ byteStart, byteEnd, document, offset }: CopiedRun, written: Uint8Array): Promise<Copy> {
    const text = (from: number, to: number) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(written.subarray(from, to));
    const before = text(0, byteStart);
    const copied = text(byteStart, byteEnd);
    const file = this.bos === undefined ? undefined : this.files[document];
    const span = { start: before.length, end: before.length + copied.length };
    if (!file) return { ...span, source: null };
    const lines = await this.beginning(document, offset);
    return { ...span, source: { id: file.id, path: file.path, line: lines.length - 1, character: lines.at(-1)!.length } };
  }

  close(): void {
    this.ids.close();
  }

  private begin(at: number): 'document' {
    this.starts.push(at);
    return 'document';
  }

  /** The lines of a document before one of its bytes; the last one up to it. */
  private async beginning(document: number, bytes: number): Promise<string[]> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (let at = this.starts[document]!; length < bytes && at < this.ids.length; at += 4096) {
      const part = this.bytes(this.ids.read(at, 4096));
      parts.push(part);
      length += part.length;
    }
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(parts).subarray(0, bytes));
    return text.split(/\r\n|\r|\n/);
  }

  private bytes(ids: Int32Array): Uint8Array {
    let length = 0;
    for (const id of ids) length += this.tokenBytes(id)?.length ?? 0;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const id of ids) {
      const token = this.tokenBytes(id);
      if (!token) continue;
      bytes.set(token, at);
      at += token.length;
    }
    return bytes;
  }
}
