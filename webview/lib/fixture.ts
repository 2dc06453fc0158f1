/**
 * What a panel gives to the gallery: `webview/NAME/fixtures.ts` exports `states`, each one a fake host and what happens next.
 * Never bundled with a panel. Fixtures are computed, deterministic, and look like the real thing.
 */
import type { AnyApi, Client, Service } from '../../src/protocol/rpc';

/** Acts on the page as a user would, once the panel is drawn. Selectors are CSS. */
export interface Hands {
  /** Waits until the selector matches (2 s at most), gives the element. */
  find(selector: string): Promise<HTMLElement>;
  click(selector: string): Promise<void>;
  /** A pointer at a place of an element, as fractions of its size: hover, and click where asked. */
  point(selector: string, x: number, y: number, click?: boolean): Promise<void>;
  /** `KeyboardEvent.key`, on what has the focus. */
  key(key: string, modifiers?: { shift?: boolean; ctrl?: boolean }): Promise<void>;
  pause(ms: number): Promise<void>;
}

export interface FixtureState<Host extends AnyApi = AnyApi, View extends AnyApi = AnyApi> {
  /** Answers the panel's calls. Methods left out answer nothing (`undefined`). */
  readonly host: Partial<Service<Host>>;
  /** State of an earlier life, as `getState()` gives it. */
  readonly saved?: unknown;
  /** After the first answer: what the host sends, what the user does. A screenshot waits for it. */
  readonly play?: (view: Client<View>, hands: Hands) => Promise<void>;
  /** One per panel: the state that is also shot in other themes, in French and narrow. */
  readonly showcase?: boolean;
  /** Rooms that matter to its layout, width and height, besides the usual one. */
  readonly rooms?: readonly (readonly [width: number, height: number])[];
}

export type Fixtures<Host extends AnyApi, View extends AnyApi> = Record<string, FixtureState<Host, View>>;
