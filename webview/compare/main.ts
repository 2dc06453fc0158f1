/** The panel that compares tokenizers: talks to the host; the rest is the view's. */
import '../lib/base.css';
import './style.css';
import type { CompareHost, ComparePanelView } from '../../src/protocol/panels';
import { fill } from '../lib/dom';
import { errorText } from '../lib/errorText';
import { bindKeys } from '../lib/keys';
import { t } from '../lib/l10n';
import { openPanel } from '../lib/panel';
import { bone, skeletonState } from '../lib/states';
import { CompareView, type Saved } from './compareView';

const panel = openPanel<CompareHost, ComparePanelView, Saved>({
  show: (state) => {
    fill(document.body, view.element);
    view.show(state);
  },
});
const view = new CompareView(panel.host, (state) => panel.save(state));

bindKeys(document, [
  { keys: ['ArrowLeft', 'ArrowRight'], words: t('the next token, on the text'), run: () => false },
  { keys: ['ArrowUp', 'ArrowDown'], words: t('another tokenizer, on the text'), run: () => false },
  { keys: ['Escape'], words: t('lets the token go'), run: () => view.unlock() },
  { keys: ['t'], words: t('the tokens as a table'), run: () => view.toggleTable() },
]);

fill(document.body, skeletonState(t('Reading the tokenizers'), bone('bone-field'), bone('bone-rows'), bone('bone-table')));
panel.host.ready({}).then(
  (state) => {
    fill(document.body, view.element);
    view.show(state, panel.restore());
  },
  (error) => {
    fill(document.body, view.element);
    view.fail(errorText(error));
  },
);
