import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Card, CardStatus } from '../approver/approver.js';
import { useApp } from './context.js';
import { endOf } from './requests/list.js';
import { actionOf, severityOf } from './requests/question-texts.js';
import { Strange } from './strange.js';
import { APP, SEVERITY, statusWords } from './texts.js';
import { momentWords } from './time.js';

/** Says to screen readers what comes and what ends by itself. Only what is critical interrupts. */
export function Announcements(): JSX.Element {
  const { snapshot, clock } = useApp();
  const known = useRef<ReadonlyMap<string, CardStatus>>(new Map());
  const [polite, setPolite] = useState('');
  const [assertive, setAssertive] = useState('');
  useEffect(() => {
    const before = known.current;
    known.current = new Map(snapshot.cards.map(({ id, status }) => [id, status]));
    const came = snapshot.cards.filter(({ id, status }) => status === 'open' && !before.has(id));
    const ended = snapshot.cards.filter(({ id, status }) => status !== 'open' && before.get(id) === 'open');
    const isCritical = (card: Card) => severityOf(card.received) === 'critical';
    const critical = came.filter(isCritical).map(arrived);
    const others = [
      ...came.filter((card) => !isCritical(card)).map(arrived),
      ...ended.map((card) => `${actionOf(card.received)}: ${statusWords(card, momentWords(endOf(card), clock.now()))}`),
    ];
    if (critical.length > 0) {
      setAssertive(critical.join(' '));
    }
    if (others.length > 0) {
      setPolite(others.join(' '));
    }
  }, [snapshot.cards, clock]);
  return (
    <>
      <p class="unseen" role="status">
        <Strange text={polite} />
      </p>
      <p class="unseen" role="alert">
        <Strange text={assertive} />
      </p>
    </>
  );
}

function arrived(card: Card): string {
  return APP.arrived(card.agent.name, actionOf(card.received), SEVERITY[severityOf(card.received)]);
}
