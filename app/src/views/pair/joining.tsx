import type { JSX } from 'preact';
import type { Pairing } from '../../approver/approver.js';
import { hostOf, useNow } from '../context.js';
import { Heading } from '../parts.js';
import { PAIR } from '../texts.js';
import { clockWords } from '../time.js';
import { Cancel } from './cancel.js';

type JoiningPairing = Extract<Pairing, { step: 'joining' | 'waiting' }>;

/** Bound or being bound. There are no digits until the agent's answer was checked. */
export function Joining({ pairing }: { readonly pairing: JoiningPairing }): JSX.Element {
  return (
    <div class="sheet">
      <Cancel />
      <Heading level={1} focus={pairing.step}>
        {pairing.step === 'joining' ? PAIR.joining(hostOf(pairing.relay)) : PAIR.waiting}
      </Heading>
      {pairing.step === 'waiting' && (
        <>
          <p>{PAIR.waitingNote}</p>
          <p class="soft">
            <Until until={pairing.until} />
          </p>
        </>
      )}
    </div>
  );
}

export function Until({ until }: { readonly until: number }): JSX.Element {
  return <>{PAIR.until(clockWords(until - useNow()))}</>;
}
