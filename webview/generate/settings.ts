/** The settings of generation as fields: a number and, where there are two natural ends, a slider for the same value. */
import type { SampleSettings } from '../../src/core/sample/types';
import { h } from '../lib/dom';
import { t } from '../lib/l10n';
import { settingHint } from './words';

export interface Chosen {
  readonly settings: SampleSettings;
  readonly maxTokens: number;
}

interface Field {
  readonly name: keyof SampleSettings | 'maxTokens';
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** End of the slider; no slider when left out. */
  readonly slider?: number;
  readonly whole?: boolean;
  /** The formula, for the hover. */
  readonly what: string;
}

function fields(): Field[] {
  return [
    {
      name: 'temperature',
      label: t('Temperature'),
      min: 0,
      max: 5,
      step: 0.05,
      slider: 2,
      what: t('Logits are divided by it before the softmax. 0 always takes the largest.'),
    },
    {
      name: 'topK',
      label: 'Top-k',
      min: 0,
      max: 100_000,
      step: 1,
      slider: 100,
      whole: true,
      what: t('Only the k most probable tokens stay. 0 keeps all.'),
    },
    {
      name: 'topP',
      label: 'Top-p',
      min: 0.01,
      max: 1,
      step: 0.01,
      slider: 1,
      what: t('Only the most probable tokens stay whose shares together reach p. 1 keeps all.'),
    },
    {
      name: 'minP',
      label: 'Min-p',
      min: 0,
      max: 1,
      step: 0.01,
      slider: 1,
      what: t('Tokens below this share of the most probable one go. 0 keeps all.'),
    },
    {
      name: 'seed',
      label: t('Seed'),
      min: 0,
      max: 2 ** 31 - 1,
      step: 1,
      whole: true,
      what: t('Starts the random numbers: the same seed draws the same text.'),
    },
    { name: 'maxTokens', label: t('Length'), min: 1, max: 4096, step: 1, whole: true, what: t('Generation ends after this many tokens.') },
  ];
}

export class SettingsForm {
  readonly element: HTMLElement;
  private readonly inputs = new Map<
    Field['name'],
    { field: Field; number: HTMLInputElement; slider: HTMLInputElement | null; hint: HTMLElement }
  >();

  constructor(changed: () => void) {
    this.element = h('div', { class: 'settings', role: 'group', 'aria-label': t('Settings') });
    for (const field of fields()) {
      const id = `setting-${field.name}`;
      const limits = { min: field.min, max: field.max, step: field.step };
      const number = h('input', { ...limits, id, class: 'input number', type: 'number', 'aria-describedby': `${id}-hint` });
      const slider =
        field.slider === undefined
          ? null
          : h('input', { ...limits, class: 'range', type: 'range', max: field.slider, 'aria-label': field.label, tabindex: -1 });
      const hint = h('span', { class: 'hint dim small', id: `${id}-hint` });
      this.inputs.set(field.name, { field, number, slider, hint });
      const from = (source: HTMLInputElement) => () => {
        this.put(field.name, Number(source.value), source);
        changed();
      };
      number.addEventListener('input', from(number));
      number.addEventListener('change', () => this.put(field.name, Number(number.value)));
      slider?.addEventListener('input', from(slider));
      this.element.append(h('div', { class: 'setting', title: field.what }, h('label', { for: id }, field.label), number, slider, hint));
    }
  }

  get value(): Chosen {
    const read = (name: Field['name']) => {
      const { field, number } = this.inputs.get(name)!;
      return clamp(field, Number(number.value));
    };
    return {
      settings: { temperature: read('temperature'), topK: read('topK'), topP: read('topP'), minP: read('minP'), seed: read('seed') },
      maxTokens: read('maxTokens'),
    };
  }

  set value({ settings, maxTokens }: Chosen) {
    for (const name of Object.keys(settings) as (keyof SampleSettings)[]) this.put(name, settings[name]);
    this.put('maxTokens', maxTokens);
  }

  /** Shows a value everywhere but in `source`, where the user may still be typing. */
  private put(name: Field['name'], value: number, source: HTMLInputElement | null = null): void {
    const input = this.inputs.get(name);
    if (!input) return;
    const kept = clamp(input.field, value);
    if (source !== input.number) input.number.value = String(kept);
    if (input.slider && source !== input.slider) input.slider.value = String(kept);
    input.hint.textContent = name === 'maxTokens' ? t('at most, in tokens') : settingHint(name, kept);
  }
}

function clamp(field: Field, value: number): number {
  const kept = Math.min(field.max, Math.max(field.min, Number.isFinite(value) ? value : field.min));
  return field.whole ? Math.round(kept) : kept;
}
