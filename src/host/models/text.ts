/** The words of a model: one line for a list, several for a tooltip. No vscode here. */
import type { ModelCard } from '../../protocol/engine';
import type { Words } from '../services/words';

/** "1.0 M parameters · 4 layers × 4 heads · context 256 · f16 · 2.1 MB" */
export function cardLine(card: ModelCard, words: Words): string {
  const { t, tn, int } = words;
  const { config } = card;
  return [
    t('{0} parameters', words.millions(card.parameters)),
    `${tn(config.nLayers, '{0} layer', '{0} layers', config.nLayers)} × ${tn(config.nHeads, '{0} head', '{0} heads', config.nHeads)}`,
    t('context {0}', int(config.contextLength)),
    card.dtype,
    words.size(card.bytes),
  ].join(' · ');
}

export function cardLines(card: ModelCard, words: Words): string[] {
  const { t } = words;
  return [
    `${card.name} (${card.family})`,
    cardLine(card, words),
    t('vocabulary of {0}, computed by {1}', words.int(card.config.vocabSize), card.backend),
  ];
}
