import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Card } from '../../approver/approver.js';
import { useAction } from '../action.js';
import { useApp } from '../context.js';
import { Button, Heading, Link, State } from '../parts.js';
import { Strange, StrangeCode } from '../strange.js';
import { APP, BAR, EMPTY, PAIR, pairingStepWords, SEVERITY, statusWords } from '../texts.js';
import { momentWords } from '../time.js';
import { TimeLeft, TimeLine } from './countdown.js';
import { useGuard } from './guard.js';
import { actionOf, previewOf, severityOf } from './question-texts.js';

/** Characters of a text that are looked at in the list. The question itself shows all of it. */
const PREVIEW = 300;

export function RequestList({ chosen }: { readonly chosen: string | undefined }): JSX.Element {
  const { snapshot } = useApp();
  const still = useStill(snapshot.cards.map(({ id, status }) => `${id} ${status}`).join());
  const open = snapshot.cards.filter(({ status }) => status === 'open');
  const ended = snapshot.cards.filter(({ status }) => status !== 'open');
  return (
    <>
      <header class="head">
        <Heading level={1} focus="requests">
          {APP.requests}
        </Heading>
        <p class="soft">{APP.waiting(open.length)}</p>
      </header>
      <PairingGoesOn />
      {snapshot.cards.length === 0 && <Nothing />}
      {open.length > 0 && (
        <ul class="cards" onClickCapture={still}>
          {open.map((card) => (
            <li key={card.id}>
              <OpenCard card={card} chosen={card.id === chosen} />
            </li>
          ))}
        </ul>
      )}
      {ended.length > 0 && (
        <ul class="cards" onClickCapture={still}>
          {ended.map((card) => (
            <li key={card.id}>
              <EndedCard card={card} chosen={card.id === chosen} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** Lets no tap through that was meant for a card which has just moved away. The first look moves nothing. */
function useStill(order: string): (event: Event) => void {
  const first = useRef(order);
  const counts = useGuard(order);
  return (event) => {
    if (order !== first.current && !counts()) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
}

export function SeverityMark({ card }: { readonly card: Card }): JSX.Element {
  const severity = severityOf(card.received);
  return <span class={`severity ${severity}`}>{SEVERITY[severity]}</span>;
}

/** The person's own name for the agent, its host, and the directory. */
export function Asker({ card }: { readonly card: Card }): JSX.Element {
  const { name, host } = card.agent;
  const directory = card.received.understood ? card.received.question.context?.directory : undefined;
  return (
    <span class="asker">
      <Strange text={name} />
      {!name.includes(host) && (
        <>
          {' · '}
          <Strange text={host} />
        </>
      )}
      {directory !== undefined && (
        <>
          {' · '}
          <Strange text={directory} />
        </>
      )}
    </span>
  );
}

function OpenCard({ card, chosen }: { readonly card: Card; readonly chosen: boolean }): JSX.Element {
  const severity = severityOf(card.received);
  const preview = previewOf(card.received);
  return (
    <Link to={{ section: 'requests', id: card.id }} class={`card open ${severity}`} current={chosen}>
      <span class="card-top">
        <Asker card={card} />
        <SeverityMark card={card} />
      </span>
      <span class="card-action">
        <Strange text={actionOf(card.received)} />
      </span>
      {preview !== undefined && (
        <span class={preview.code ? 'preview code' : 'preview'}>
          {preview.code ? (
            <StrangeCode text={preview.text.slice(0, PREVIEW)} />
          ) : (
            <Strange text={preview.text.slice(0, PREVIEW)} lines />
          )}
        </span>
      )}
      <span class="card-foot">
        <TimeLeft times={card.received} short />
      </span>
      <TimeLine times={card.received} severity={severity} />
    </Link>
  );
}

function EndedCard({ card, chosen }: { readonly card: Card; readonly chosen: boolean }): JSX.Element {
  const { approver, clock } = useApp();
  const at = momentWords(endOf(card), clock.now());
  const removable = card.status !== 'sending' && card.status !== 'queued';
  return (
    <div class="card ended">
      <Link to={{ section: 'requests', id: card.id }} class="card-link" current={chosen}>
        <Strange text={actionOf(card.received)} />
      </Link>
      <p class="soft">{statusWords(card, at)}</p>
      {removable && (
        <Button kind="quiet" onPress={() => approver.dismiss(card.id)}>
          {BAR.dismiss}
          <span class="unseen">
            {' '}
            <Strange text={actionOf(card.received)} />
          </span>
        </Button>
      )}
    </div>
  );
}

/** When the card ended; for an answer that waits, when it would be too late. */
export function endOf(card: Card): number {
  const { expiresAt } = card.received;
  return card.status === 'queued' || card.status === 'expired' || card.status === 'late'
    ? expiresAt
    : (card.endedAt ?? expiresAt);
}

function Nothing(): JSX.Element {
  const { approver, snapshot } = useApp();
  const wakeUps = useAction();
  if (snapshot.agents.length === 0) {
    return (
      <State title={EMPTY.agents}>
        <p>{EMPTY.agentsNext}</p>
        <Link to={{ section: 'pair' }} class="button first">
          {PAIR.title}
        </Link>
      </State>
    );
  }
  if (snapshot.agents.every(({ paused }) => paused)) {
    return (
      <State title={EMPTY.allPaused}>
        <p>{EMPTY.allPausedNext}</p>
        <Link to={{ section: 'agents' }} class="button second">
          {EMPTY.openAgents}
        </Link>
      </State>
    );
  }
  const silent = snapshot.phone.wakeUps.state === 'off' && snapshot.phone.wakeUps.permission !== 'denied';
  return (
    <State title={EMPTY.requests}>
      <p>{EMPTY.requestsNext}</p>
      {silent && (
        <>
          <p>{EMPTY.requestsNoWakeUps}</p>
          <Button onPress={() => wakeUps.run(() => approver.enableWakeUps())}>{EMPTY.turnOn}</Button>
        </>
      )}
    </State>
  );
}

function PairingGoesOn(): JSX.Element | null {
  const { pairing } = useApp().snapshot;
  if (pairing === undefined) {
    return null;
  }
  return (
    <div class="card">
      <p>{PAIR.goesOn(pairingStepWords(pairing))}</p>
      <Link to={{ section: 'pair' }} class="button second">
        {PAIR.goOn}
      </Link>
    </div>
  );
}
