/** "Start Here": the way to the host; the page itself is the view's. */
import '../lib/base.css';
import './style.css';
import type { StartHost, StartPanelView } from '../../src/protocol/panels';
import { fill } from '../lib/dom';
import { t } from '../lib/l10n';
import { openPanel } from '../lib/panel';
import { bone, errorState, skeletonState } from '../lib/states';
import { type Saved, StartView } from './startView';

const panel = openPanel<StartHost, StartPanelView, Saved>({ show: (state) => view.show(state) });
const view = new StartView(panel.host, panel.restore() ?? { locked: null }, (state) => panel.save(state));

fill(document.body, skeletonState(t('Start Here'), bone('bone-title'), bone('bone-step'), bone('bone-step'), bone('bone-step')));
panel.host.ready({}).then(
  (state) => {
    view.show(state);
    fill(document.body, view.element);
  },
  (error: Error) =>
    fill(
      document.body,
      errorState({ title: error.message, detail: '' }, () => {}),
    ),
);
