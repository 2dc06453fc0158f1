/** "Start Here" in each of its states, for the gallery. */
import type { StartHost, StartPanelView, StartState } from '../../src/protocol/panels';
import type { FixtureState, Fixtures, Hands } from '../lib/fixture';

type State = FixtureState<StartHost, StartPanelView>;

const first: StartState = { done: [], file: 'shop.ts', onSample: false, training: 'ready' };

function state(change: Partial<StartState>, more: Omit<State, 'host'> = {}): State {
  return { host: { ready: () => ({ ...first, ...change }) }, ...more };
}

const weight = '.matrix.weights tbody tr:nth-child(3) td:last-child button';

/** The third weight of the third token, clicked. */
const locked = async (_: unknown, hands: Hands) => hands.click(weight);

export const states: Fixtures<StartHost, StartPanelView> = {
  'first visit': state({}),
  'nothing open': state({ file: null, onSample: true, training: 'noFolder' }),
  untrusted: state({ training: 'untrusted' }),
  'half done': state({ done: ['merges', 'attention'] }, { play: locked, showcase: true, rooms: [[500, 900]] }),
  'a step is ticked': state(
    {},
    {
      play: async (view) => {
        await view.show({ ...first, done: ['merges'] });
      },
    },
  ),
  'all done': state({ done: ['merges', 'attention', 'train', 'surprise'] }),
  'walked by keys': state(
    {},
    {
      play: async (_, hands) => {
        (await hands.find(weight)).focus();
        await hands.key('ArrowUp');
        await hands.key('ArrowRight');
      },
    },
  ),
  'a number kept from before': state({}, { saved: { locked: { stage: 'output', row: 1, column: 0 } } }),
  'long name': state({ file: 'a-file-with-a-very-long-name-that-does-not-fit-into-a-narrow-panel.component.spec.ts' }),
};
