/** Stores a trained model as it ships: the same Hugging Face folder with f16 weights, and no optimiser. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configFile, parseConfig } from '../../src/core/formats/huggingFace';
import { floatTensor, parseSafetensors, tensorFloats, writeSafetensors } from '../../src/core/formats/safetensors';

export function storeHalf(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of ['generation_config.json', 'tokenizer.json', 'tokenizer_config.json']) cpSync(join(from, name), join(to, name));
  const config = parseConfig(readFileSync(join(from, 'config.json')), 'config.json');
  writeFileSync(join(to, 'config.json'), configFile(config, 'F16'));
  const weights = 'model.safetensors';
  const { tensors, metadata } = parseSafetensors(readFileSync(join(from, weights)), weights);
  const halves = new Map(
    [...tensors].map(([name, tensor]) => [name, floatTensor(tensorFloats(tensor, weights, name), tensor.shape, 'F16')]),
  );
  writeFileSync(join(to, weights), writeSafetensors(halves, metadata));
}
