import type { ComponentChildren, JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Pairing } from '../../approver/approver.js';
import { useAction } from '../action.js';
import { hostOf, useApp } from '../context.js';
import { Button, Heading, Rows } from '../parts.js';
import { StrangeCode } from '../strange.js';
import { PAIR, PHONE } from '../texts.js';
import { Cancel } from './cancel.js';

type OfferedPairing = Extract<Pairing, { step: 'offered' }>;

/** A link was read and nothing is joined. On iOS outside the installed app, only the way there is offered. */
export function Offered({ pairing }: { readonly pairing: OfferedPairing }): JSX.Element {
  const [here, setHere] = useState(false);
  return pairing.installFirst && !here ? (
    <InstallFirst onHere={() => setHere(true)}>
      <Cancel />
    </InstallFirst>
  ) : (
    <Offer pairing={pairing} />
  );
}

/** The steps to the installed app; pairing in the tab stays possible, and what that means is said. */
export function InstallFirst(props: {
  readonly onHere: () => void;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="sheet">
      {props.children}
      <Heading level={1} focus="install">
        {PAIR.installTitle}
      </Heading>
      <p>{PAIR.installNote}</p>
      <ol class="steps">
        {PAIR.installSteps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p class="soft">{PAIR.installNot}</p>
      <div class="stack">
        <Button kind="quiet" onPress={props.onHere}>
          {PAIR.installHere}
        </Button>
      </div>
    </div>
  );
}

function Offer({ pairing }: { readonly pairing: OfferedPairing }): JSX.Element {
  const { approver, snapshot } = useApp();
  const id = useId();
  const action = useAction();
  const { passkeyProblem } = snapshot.phone;
  const possible = pairing.passkey !== 'impossible';
  const [passkey, setPasskey] = useState(possible);
  const join = async () => {
    if (passkey && approver.snapshot.phone.passkey === 'none') {
      await approver.createPasskey();
      if (approver.snapshot.phone.passkey === 'none') {
        return;
      }
    }
    await approver.join({ passkey });
  };
  return (
    <div class="sheet">
      <Cancel />
      <Heading level={1} focus="offered">
        {PAIR.offered}
      </Heading>
      <Rows rows={[[PAIR.relay, <StrangeCode key="relay" text={hostOf(pairing.relay)} lines={false} />]]} />
      <p class="soft">{PAIR.offeredNote}</p>
      {possible ? (
        <label class="choice panel">
          <input
            type="checkbox"
            checked={passkey}
            aria-describedby={id}
            onChange={({ currentTarget }) => setPasskey(currentTarget.checked)}
          />
          <span>
            <strong>{PAIR.withPasskey}</strong>
            <span class="hint" id={id}>
              {passkey ? PAIR.passkey[pairing.passkey] : PAIR.withoutPasskey}
            </span>
          </span>
        </label>
      ) : (
        <p class="panel">{PAIR.passkey.impossible}</p>
      )}
      <p class="error" aria-live="polite">
        {action.failed ? PHONE.failed : passkey && passkeyProblem !== undefined ? PAIR.noPasskey : ''}
      </p>
      <div class="stack">
        <Button kind="first" busy={action.busy} onPress={() => action.run(join)}>
          {PAIR.join}
        </Button>
      </div>
    </div>
  );
}
