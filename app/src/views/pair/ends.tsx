import type { JSX } from 'preact';
import type { Pairing } from '../../approver/approver.js';
import { useAction } from '../action.js';
import { useApp } from '../context.js';
import { Button, Heading } from '../parts.js';
import { Strange } from '../strange.js';
import { EMPTY, PAIR, PHONE, refusalWords } from '../texts.js';
import { go } from '../use-route.js';

export function Refused({ pairing }: { readonly pairing: Extract<Pairing, { step: 'refused' }> }): JSX.Element {
  const { approver } = useApp();
  const leave = () => {
    approver.endPairing();
    go({ section: 'pair' }, true);
  };
  return (
    <div class="sheet middle">
      <Heading level={1} focus="refused">
        {PAIR.refused}
      </Heading>
      <p role="alert">{refusalWords(pairing.reason)}</p>
      <div class="stack">
        <Button kind="first" onPress={leave}>
          {PAIR.again}
        </Button>
      </div>
    </div>
  );
}

export function Paired({ pairing }: { readonly pairing: Extract<Pairing, { step: 'paired' }> }): JSX.Element {
  const { approver, snapshot } = useApp();
  const wakeUps = useAction();
  const name = snapshot.agents.find(({ id }) => id === pairing.agentId)?.name ?? '';
  const silent = snapshot.phone.wakeUps.state === 'off' && snapshot.phone.wakeUps.permission !== 'denied';
  const leave = () => {
    approver.endPairing();
    go({ section: 'requests' }, true);
  };
  return (
    <div class="sheet middle">
      <Heading level={1} focus="paired">
        <Strange text={PAIR.paired(name)} />
      </Heading>
      <p>{PAIR.pairedNote}</p>
      {silent && <p>{PAIR.pairedWake}</p>}
      <p class="error" aria-live="polite">
        {wakeUps.failed ? PHONE.failed : ''}
      </p>
      <div class="stack">
        {silent && (
          <Button kind="first" busy={wakeUps.busy} onPress={() => wakeUps.run(() => approver.enableWakeUps())}>
            {EMPTY.turnOn}
          </Button>
        )}
        <Button kind={silent ? 'second' : 'first'} onPress={leave}>
          {PAIR.done}
        </Button>
      </div>
    </div>
  );
}
