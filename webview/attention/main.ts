/** The attention inspector's panel: its states, and the way to the host. */
import type { AttentionHost, AttentionPanelView, AttentionState } from '../../src/protocol/panels';
import { fill, h } from '../lib/dom';
import { t } from '../lib/l10n';
import { openPanel } from '../lib/panel';
import { bone, emptyState, errorState, skeletonState } from '../lib/states';
import { Inspector } from './inspector';
import { type Look, restoredLook } from './look';
import './main.css';

const root = h('div', { class: 'panel' });
document.body.append(root);

const panel = openPanel<AttentionHost, AttentionPanelView, Look>({
  show: (state) => show(state),
  select: ({ token }) => inspector.select(token),
});
const saved = panel.restore();
const inspector = new Inspector(panel.host, restoredLook(saved), saved === undefined, panel.save);

function show(state: AttentionState): void {
  const run = (command: string) => void panel.host.command({ command });
  root.removeAttribute('aria-busy');
  if (state.kind === 'ready') {
    if (!inspector.element.isConnected) fill(root, inspector.element);
    inspector.show(state);
  } else if (state.kind === 'empty') fill(root, emptyState(state.message, run));
  else if (state.kind === 'error') fill(root, errorState(state.message, run));
  // The last picture stays in its place until the next one is there.
  else if (inspector.element.isConnected) root.setAttribute('aria-busy', 'true');
  else fill(root, skeleton(state.model));
}

function skeleton(model: string): HTMLElement {
  const heads = Array.from({ length: 16 }, () => bone());
  return skeletonState(
    t('{0} reads the text…', model),
    h('div', { class: 'toolbar' }, bone('bone-line')),
    h('div', { class: 'heading' }, bone('bone-title'), bone('bone-line')),
    h(
      'div',
      { class: 'stage' },
      h(
        'div',
        { class: 'split' },
        h('div', { class: 'heads' }, h('div', { class: 'bone-heads' }, ...heads)),
        h('div', { class: 'picture' }, bone('bone-matrix')),
        h(
          'div',
          { class: 'calculation' },
          bone('bone-line'),
          bone('bone-line short'),
          bone('bone-block'),
          bone('bone-line'),
          bone('bone-block'),
        ),
      ),
    ),
  );
}

panel.host.ready({}).then(show, (error: Error) => show({ kind: 'error', message: { title: error.message, detail: '' } }));
