/** The training dashboard: talks to the host, keeps what the user chose, and shows whichever state there is. */
import 'uplot/dist/uPlot.min.css';
import '../lib/base.css';
import './style.css';
import type { DashboardHost, DashboardState, DashboardView } from '../../src/protocol/panels';
import { fill, h } from '../lib/dom';
import { errorText } from '../lib/errorText';
import { percent } from '../lib/format';
import { bindKeys } from '../lib/keys';
import { t } from '../lib/l10n';
import { openPanel } from '../lib/panel';
import { bone, emptyState, errorState, progressBar, skeletonState } from '../lib/states';
import type { View } from './charts';
import { RunView } from './runView';

type Saved = Pick<View, 'unit' | 'logX' | 'logY' | 'smoothing' | 'locked' | 'align'> & { readonly run: string; readonly table: boolean };

const panel = openPanel<DashboardHost, DashboardView, Saved>({
  show,
  events({ run, events }) {
    if (view?.id === run) view.append(events);
  },
  compared({ run, comparison }) {
    if (view?.id === run) view.compare(comparison);
  },
  update({ run }) {
    if (view?.id === run.info.id) view.update(run);
  },
});
const command = (name: string) => void panel.host.command({ command: name });

let view: RunView | null = null;

function show(state: DashboardState): void {
  view?.dispose();
  view = null;
  const element = elementOf(state);
  if (document.body.firstElementChild !== element) fill(document.body, element);
}

function elementOf(state: DashboardState): HTMLElement {
  if (state.kind === 'empty') return emptyState(state.message, command);
  if (state.kind === 'preparing') return preparing(state);
  if (state.kind === 'error' && !state.run) return errorState(state.message, command);
  const { run, events } = state as Extract<DashboardState, { kind: 'run' }>;
  const others = state.kind === 'run' ? state.others : [];
  view = new RunView(run, events, others, panel.host, remembered(run.info.id), (saved) => panel.save(saved));
  if (state.kind === 'error') view.fail(state.message);
  return view.element;
}

/** What is being done before the first step, and how far it is, over the bones of the final layout; kept while it advances. */
function preparing({ phase, done, total }: Extract<DashboardState, { kind: 'preparing' }>): HTMLElement {
  preparation ??= preparationView();
  const { element, bar, words, share } = preparation;
  if (words.textContent !== phase) words.textContent = phase;
  share.textContent = total > 0 ? percent(done / total) : '';
  bar.set(total > 0 ? done / total : null);
  return element;
}

let preparation: ReturnType<typeof preparationView> | null = null;

function preparationView() {
  const bar = progressBar(t('Preparing the training'));
  const words = h('span', { role: 'status' });
  const share = h('span', { class: 'dim mono' });
  const element = h('div', { class: 'preparing' }, bar.element, h('p', { class: 'preparing-phase' }, words, ' ', share), bones());
  return { element, bar, words, share };
}

function bones(): HTMLElement {
  return h(
    'div',
    { class: 'bones', 'aria-hidden': true },
    bone('bone-title'),
    bone('bone-chart'),
    h('div', { class: 'smalls' }, bone(), bone(), bone()),
  );
}

function remembered(run: string): Saved {
  const saved = panel.restore();
  const defaults: Saved = { run, unit: 'bitsPerByte', logX: false, logY: false, smoothing: 0, locked: null, align: 'step', table: false };
  if (!saved) return defaults;
  // A locked step belongs to its run; how things are shown is the user's habit.
  return { ...defaults, ...saved, run, locked: saved.run === run ? saved.locked : null };
}

bindKeys(document, [
  { keys: ['t'], words: t('show as table'), run: () => view?.toggleTable() },
  { keys: ['u'], words: t('nats or bits per byte'), run: () => view?.toggleUnit() },
  { keys: ['l'], words: t('steps on a logarithmic axis'), run: () => view?.toggleLog() },
  { keys: ['y'], words: t('loss on a logarithmic axis'), run: () => view?.toggleLogLoss() },
  { keys: ['ArrowLeft', 'ArrowRight'], words: t('move the step, on the chart and on the film strip'), run: () => false },
  { keys: ['PageUp', 'PageDown'], words: t('previous or next evaluation, on the chart'), run: () => false },
  { keys: ['+', '-'], words: t('nearer or farther, on the chart'), run: () => false },
  { keys: ['Escape'], words: t('back to the last step'), run: () => view?.unlock() ?? false },
]);
fill(document.body, skeletonState(t('Loading the training run'), bones()));
panel.host
  .ready({})
  .then(show, (error) => show({ kind: 'error', message: { title: errorText(error), detail: '' }, run: null, events: [] }));
