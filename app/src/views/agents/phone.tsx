import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { RelayState } from '../../approver/approver.js';
import { type Action, useAction } from '../action.js';
import { hostOf, useApp, useNow } from '../context.js';
import { Button, Confirm } from '../parts.js';
import { clockWords, connectionWords, PHONE } from '../texts.js';
import { agoWords } from '../time.js';

/** How this installation is: what wakes it, what it signs with, what it is connected to. */
export function ThisPhone(): JSX.Element {
  const { phone, relays } = useApp().snapshot;
  return (
    <section class="phone" aria-labelledby="phone">
      <h2 class="label" id="phone">
        {PHONE.title}
      </h2>
      {!phone.online && <p class="note strong">{PHONE.offline}</p>}
      <WakeUps />
      <Passkey />
      <Item {...(phone.persisted ? PHONE.persisted : PHONE.notPersisted)} />
      {relays.map((relay) => (
        <Relay key={relay.relay} relay={relay} />
      ))}
      <p class="soft version">{PHONE.version(phone.version, phone.installed)}</p>
      <Reset />
    </section>
  );
}

function Item(props: {
  readonly title: string;
  readonly text?: string;
  readonly action?: Action;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="card item">
      <h3 class="card-action">{props.title}</h3>
      {props.text !== undefined && <p class="soft">{props.text}</p>}
      {props.children}
      {props.action?.failed === true && (
        <p class="error" role="alert">
          {PHONE.failed}
        </p>
      )}
    </div>
  );
}

function WakeUps(): JSX.Element {
  const { approver, snapshot } = useApp();
  const { wakeUps } = snapshot.phone;
  const now = useNow();
  const action = useAction();
  const [tested, setTested] = useState(false);
  const last = wakeUps.lastAt === undefined ? PHONE.noWakeUp : PHONE.lastWakeUp(agoWords(wakeUps.lastAt, now));
  const test = () =>
    action.run(async () => {
      await approver.testWakeUp();
      setTested(true);
    });
  const can = wakeUps.permission === 'default' || wakeUps.permission === 'granted';
  return (
    <Item {...PHONE.wakeUps(wakeUps)} action={action}>
      {wakeUps.state === 'on' && can && (
        <>
          <p class="soft">{last}</p>
          <p class="soft" aria-live="polite">
            {tested ? PHONE.tested : ''}
          </p>
          <div class="row-of-buttons">
            <Button busy={action.busy} onPress={test}>
              {PHONE.test}
            </Button>
            <Button kind="quiet" busy={action.busy} onPress={() => action.run(() => approver.disableWakeUps())}>
              {PHONE.disable}
            </Button>
          </div>
        </>
      )}
      {(wakeUps.state === 'off' || wakeUps.state === 'failed') && can && (
        <Button busy={action.busy} onPress={() => action.run(() => approver.enableWakeUps())}>
          {wakeUps.state === 'off' ? PHONE.enable : PHONE.retry}
        </Button>
      )}
    </Item>
  );
}

function Passkey(): JSX.Element {
  const { approver, snapshot } = useApp();
  const { passkey, passkeyProblem } = snapshot.phone;
  const action = useAction();
  return (
    <Item {...PHONE.passkey[passkey]} action={action}>
      {passkeyProblem !== undefined && <p class="soft">{PHONE.passkeyProblem[passkeyProblem]}</p>}
      {passkey === 'none' && (
        <Button busy={action.busy} onPress={() => action.run(() => approver.createPasskey())}>
          {PHONE.createPasskey}
        </Button>
      )}
    </Item>
  );
}

function Relay({ relay }: { readonly relay: RelayState }): JSX.Element {
  const now = useNow();
  const ahead = relay.clockAhead ?? 0;
  return (
    <Item title={connectionWords(relay, hostOf(relay.relay))}>
      <p class="soft">{agoWords(relay.since, now)}</p>
      {Math.abs(ahead) >= 60 && <p class="soft">{clockWords(ahead)}</p>}
    </Item>
  );
}

/** Also the one way on when the storage is damaged. */
export function Reset({ first = false }: { readonly first?: boolean }): JSX.Element {
  const { approver } = useApp();
  const [asking, setAsking] = useState(false);
  const action = useAction();
  const reset = () => {
    setAsking(false);
    action.run(() => approver.reset());
  };
  return (
    <>
      <Button kind={first ? 'first' : 'quiet'} busy={action.busy} onPress={() => setAsking(true)}>
        {PHONE.reset}
      </Button>
      <p class="error" aria-live="polite">
        {action.failed ? PHONE.failed : ''}
      </p>
      {asking && (
        <Confirm
          title={PHONE.resetTitle}
          text={PHONE.resetNote}
          yes={PHONE.resetYes}
          no={PHONE.resetNo}
          onYes={reset}
          onNo={() => setAsking(false)}
        />
      )}
    </>
  );
}
