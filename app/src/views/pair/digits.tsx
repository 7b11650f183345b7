import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Pairing } from '../../approver/approver.js';
import { useAction } from '../action.js';
import { hostOf, useApp } from '../context.js';
import { Heading, Rows } from '../parts.js';
import { useGuard } from '../requests/guard.js';
import { Strange, StrangeCode, StrangeNote } from '../strange.js';
import { PAIR, PHONE } from '../texts.js';
import { go } from '../use-route.js';
import { Until } from './joining.js';
import { NameForm } from './name-form.js';

type DigitsPairing = Extract<Pairing, { step: 'digits' }>;

/** The check: the digits count only once the agent's name cannot be taken for another's. */
export function Digits({ pairing }: { readonly pairing: DigitsPairing }): JSX.Element {
  const { approver } = useApp();
  const { name, host, relay, digits, resembles } = pairing;
  return (
    <div class="question">
      <div class="scroll sheet">
        <Heading level={1} focus={`digits ${resembles ?? ''}`}>
          <Strange text={PAIR.digitsTitle(name)} />
        </Heading>
        <StrangeNote texts={[name, host]} />
        <Rows
          rows={[
            [PAIR.agent, <Strange key="name" text={name} />],
            [PAIR.host, <Strange key="host" text={host} />],
            [PAIR.relay, <StrangeCode key="relay" text={hostOf(relay)} lines={false} />],
          ]}
        />
        {resembles !== undefined ? (
          <>
            <p class="note strong">
              <Strange text={PAIR.resembles(resembles)} />
            </p>
            <NameForm
              label={PAIR.rename}
              button={PAIR.renameNext}
              name={name}
              onName={async (next) => approver.nameAgent(next)}
            />
          </>
        ) : (
          <>
            <p class="digits" role="img" aria-label={PAIR.digitsLabel(digits)}>
              <span>{digits.slice(0, 3)}</span>
              <span>{digits.slice(3)}</span>
            </p>
            <p class="centre">{PAIR.type}</p>
            <p class="centre soft">{PAIR.nobody}</p>
          </>
        )}
      </div>
      <Accepted pairing={pairing} />
    </div>
  );
}

function Accepted({ pairing }: { readonly pairing: DigitsPairing }): JSX.Element {
  const { approver } = useApp();
  const element = useRef<HTMLElement>(null);
  const action = useAction();
  const counts = useGuard(`${pairing.digits} ${pairing.resembles ?? ''} ${pairing.confirming}`, element);
  const blocked = pairing.resembles !== undefined || pairing.confirming || action.busy;
  const press = (work: () => Promise<void>) => () => {
    if (counts()) {
      action.run(work);
    }
  };
  const remove = async () => {
    await approver.cancelPairing();
    go({ section: 'pair' }, true);
  };
  return (
    <section class="bar" ref={element} aria-labelledby="accepted">
      <h2 class="bar-question" id="accepted">
        {PAIR.accepted}
      </h2>
      <div class="pair-of-buttons">
        <button type="button" class="button second" aria-disabled={action.busy} onClick={press(remove)}>
          {PAIR.no}
        </button>
        <button
          type="button"
          class="button first"
          aria-disabled={blocked}
          onClick={blocked ? undefined : press(() => approver.confirm())}
        >
          {PAIR.yes}
        </button>
      </div>
      <p class="bar-hint">
        <span aria-live="polite">
          {pairing.offline ? PAIR.offline : pairing.confirming ? PAIR.confirming : action.failed ? PHONE.failed : ''}
        </span>
        <span class="time">
          <Until until={pairing.until} />
        </span>
      </p>
    </section>
  );
}
