/** The commands in the order of the help. */
import type { Command } from '../command';
import { activations } from './activations';
import { attend } from './attend';
import { bench } from './bench';
import { detokenize } from './detokenize';
import { analogy, neighbours } from './embeddings';
import { generate } from './generate';
import { info } from './info';
import { merges } from './merges';
import { score } from './score';
import { tokenize } from './tokenize';
import { tokenizerTrain } from './tokenizerTrain';
import { train } from './train';

export const commands: readonly Command[] = [
  tokenize,
  detokenize,
  merges,
  tokenizerTrain,
  train,
  generate,
  score,
  attend,
  activations,
  neighbours,
  analogy,
  info,
  bench,
];
