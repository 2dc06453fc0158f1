/** The generation panel: talks to the host; the rest is the view's. */
import '../lib/base.css';
import './style.css';
import type { GenerateHost, GeneratePanelView } from '../../src/protocol/panels';
import { fill } from '../lib/dom';
import { errorText } from '../lib/errorText';
import { bindKeys } from '../lib/keys';
import { t } from '../lib/l10n';
import { openPanel } from '../lib/panel';
import { bone, skeletonState } from '../lib/states';
import { GenerateView, type Saved } from './generateView';

const panel = openPanel<GenerateHost, GeneratePanelView, Saved>({
  show: (state) => {
    view.show(state);
    fill(document.body, view.element);
  },
  noticed: ({ notice }) => view.noticed(notice),
  compared: ({ words }) => view.compared(words),
});
const view = new GenerateView(panel.host, (state) => panel.save(state));

bindKeys(document, [
  { keys: ['ArrowLeft'], words: t('previous token'), run: () => view.move(-1) },
  { keys: ['ArrowRight'], words: t('next token'), run: () => view.move(1) },
  { keys: ['ArrowUp', 'ArrowDown'], words: t('the line above or below, on the tokens'), run: () => false },
  { keys: ['Escape'], words: t('back to the last token'), run: () => view.unlock() },
]);

fill(document.body, skeletonState(t('Loading the model'), bone('bone-prompt'), bone('bone-settings'), bone('bone-output')));
panel.host.ready({}).then(
  (state) => {
    view.show(state, panel.restore());
    fill(document.body, view.element);
  },
  (error) => {
    view.fail({ title: errorText(error), detail: '' });
    fill(document.body, view.element);
  },
);
