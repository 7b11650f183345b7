import type { JSX } from 'preact';
import { useAction } from '../action.js';
import { useApp } from '../context.js';
import { APP } from '../texts.js';
import { go } from '../use-route.js';

/** Cancels at any step, and goes back to where pairing starts. */
export function Cancel(): JSX.Element {
  const { approver } = useApp();
  const action = useAction();
  const cancel = () =>
    action.run(async () => {
      await approver.cancelPairing();
      go({ section: 'pair' }, true);
    });
  return (
    <p class="back">
      <button type="button" class="link" aria-disabled={action.busy} onClick={cancel}>
        <span aria-hidden="true">‹ </span>
        {APP.cancel}
      </button>
    </p>
  );
}
