import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Card } from '../../approver/approver.js';
import { useApp } from '../context.js';
import { BAR, statusWords } from '../texts.js';
import { momentWords } from '../time.js';
import { go } from '../use-route.js';
import { useGuard } from './guard.js';
import { endOf } from './list.js';

/** What became of a question, and the way on. Its button is not where Approve was pressed a moment ago. */
export function EndedBar({ card }: { readonly card: Card }): JSX.Element {
  const { snapshot, drafts, clock } = useApp();
  const element = useRef<HTMLElement>(null);
  const counts = useGuard(`${card.id} ${card.status}`, element);
  useEffect(() => {
    drafts.delete(card.id);
  }, [drafts, card.id]);
  const next = snapshot.cards.find(({ id, status }) => status === 'open' && id !== card.id);
  const leave = () => {
    if (counts()) {
      go(next === undefined ? { section: 'requests' } : { section: 'requests', id: next.id }, true);
    }
  };
  return (
    <section class="bar ended" ref={element} aria-label={BAR.label}>
      <p class="outcome" role="status">
        {statusWords(card, momentWords(endOf(card), clock.now()))}
      </p>
      <button type="button" class="button second" onClick={leave}>
        {next === undefined ? BAR.done : BAR.next}
      </button>
    </section>
  );
}
