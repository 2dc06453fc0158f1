/** The merges panel: talks to the host; the rest is the view's. */
import '../lib/base.css';
import './style.css';
import type { MergesHost, MergesPanelView as MergesPanelApi } from '../../src/protocol/panels';
import { fill } from '../lib/dom';
import { errorText } from '../lib/errorText';
import { bindKeys } from '../lib/keys';
import { t } from '../lib/l10n';
import { openPanel } from '../lib/panel';
import { bone, skeletonState } from '../lib/states';
import { MergesPanelView, type Saved } from './mergesView';

const panel = openPanel<MergesHost, MergesPanelApi, Saved>({
  show: (state) => {
    view.show(state);
    fill(document.body, view.element);
  },
});
const view = new MergesPanelView(panel.host, (state) => panel.save(state));

const onButton = (event: KeyboardEvent) =>
  event.target instanceof HTMLElement && event.target.matches('button, summary, .token, [type=checkbox]');

bindKeys(document, [
  { keys: ['ArrowLeft'], words: t('one step back'), run: () => view.go(-1) },
  { keys: ['ArrowRight'], words: t('one step on'), run: () => view.go(1) },
  { keys: ['Home'], words: t('to the bytes'), run: () => view.go('first') },
  { keys: ['End'], words: t('to the end'), run: () => view.go('last') },
  { keys: [' '], words: t('play or pause'), run: (event) => !onButton(event) && view.toggle() },
  { keys: ['t'], words: t('all steps as a table'), run: () => view.toggleTable() },
]);

fill(document.body, skeletonState(t('Reading the merges'), bone('bone-field'), bone('bone-sequence'), bone('bone-table')));
panel.host.ready({}).then(
  (state) => {
    view.show(state, panel.restore());
    fill(document.body, view.element);
  },
  (error) => {
    view.fail(errorText(error));
    fill(document.body, view.element);
  },
);
