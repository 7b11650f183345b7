import type { JSX, RefObject } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Card, Choice } from '../../approver/approver.js';
import type { Field } from '../../messages/index.js';
import { type Action, useAction } from '../action.js';
import { useApp } from '../context.js';
import { valuesOf } from '../form.js';
import { BAR, PHONE, REQUEST } from '../texts.js';
import { TimeLeft, TimeLine } from './countdown.js';
import type { Draft } from './drafts.js';
import { fieldError } from './form.js';
import { useGuard } from './guard.js';
import { useTwice } from './keys.js';
import { severityOf } from './question-texts.js';
import { reasonError } from './reason.js';

interface BarProps {
  readonly card: Card;
  readonly draft: Draft;
  /** Labels of texts whose end was not in view; `undefined` before the first was. */
  readonly open: readonly string[] | undefined;
  readonly onErrors: () => void;
}

type Consent = 'approved' | 'answered' | 'seen';

/** The decision. It stays where it is; what stops it says why. */
export function Bar({ card, draft, open, onErrors }: BarProps): JSX.Element {
  const element = useRef<HTMLElement>(null);
  const hintId = useId();
  const action = useAction();
  const { press, tooSoon } = usePress(card, element);
  const decide = useDecide(card, draft, action);
  const consent = card.decisions.find((decision): decision is Consent => decision in READ);
  const denies = card.decisions.includes('denied');
  const errors = consent === 'answered' ? formErrors(card, draft) : 0;
  const stops = consent === undefined ? undefined : (unread(consent, open) ?? undefined);
  const consents = () => {
    if (consent === undefined || stops !== undefined) {
      return;
    }
    if (errors > 0) {
      onErrors();
      focusFirstError();
      return;
    }
    decide(consent);
  };
  const denial = () => {
    if (denies && reasonError(draft.reason) === undefined) {
      decide('denied');
    }
  };
  const first = useTwice(
    { ...(consent !== undefined && { a: () => press(consents) }), ...(denies && { d: () => press(denial) }) },
    () => press(() => undefined),
    `${card.id} ${card.status}`,
  );
  const words = hint({ first, consent, tooSoon, stops, errors, action, card, draft });
  return (
    <section class="bar" ref={element} aria-label={BAR.label}>
      <TimeLine times={card.received} severity={severityOf(card.received)} />
      <div class="pair-of-buttons">
        {denies && (
          <button type="button" class="button second" aria-disabled={action.busy} onClick={() => press(denial)}>
            {draft.reason.trim() === '' ? BAR.deny : BAR.denyReason}
          </button>
        )}
        {consent !== undefined && (
          <button
            type="button"
            class="button first"
            aria-disabled={stops !== undefined || action.busy}
            aria-describedby={hintId}
            onClick={() => press(consents)}
          >
            {consentWords(consent, card, draft)}
          </button>
        )}
      </div>
      <p class="bar-hint" id={hintId}>
        <span aria-live="polite">{words}</span>
        <TimeLeft times={card.received} short={words !== ''} />
      </p>
    </section>
  );
}

const READ: Readonly<Record<Consent, string>> = {
  approved: BAR.readApprove,
  answered: BAR.readAnswer,
  seen: BAR.readSeen,
};

function unread(consent: Consent, open: readonly string[] | undefined): string | undefined {
  return open !== undefined && open.length === 0 ? undefined : READ[consent];
}

function consentWords(consent: Consent, card: Card, draft: Draft): string {
  switch (consent) {
    case 'approved':
      if (draft.rule !== undefined) {
        return BAR.approveRule;
      }
      return card.needsPasskey ? BAR.approvePasskey : BAR.approve;
    case 'answered':
      return card.needsPasskey ? BAR.answerPasskey : BAR.answer;
    case 'seen':
      return BAR.seen;
  }
}

function hint(state: {
  readonly first: string | undefined;
  readonly consent: Consent | undefined;
  readonly tooSoon: boolean;
  readonly stops: string | undefined;
  readonly errors: number;
  readonly action: Action;
  readonly card: Card;
  readonly draft: Draft;
}): string {
  const { first, consent, tooSoon, stops, errors, action, card, draft } = state;
  if (action.busy && card.needsPasskey) {
    return BAR.passkeyWait;
  }
  if (action.failed) {
    return PHONE.failed;
  }
  if (tooSoon) {
    return BAR.tooSoon;
  }
  if (first !== undefined) {
    const what = first === 'd' || consent === undefined ? BAR.deny : consentWords(consent, card, draft);
    return BAR.again(first.toUpperCase(), what.toLowerCase());
  }
  if (stops !== undefined) {
    return stops;
  }
  if (errors > 0) {
    return BAR.formErrors(errors);
  }
  return draft.rule === undefined ? '' : REQUEST.alsoAllows;
}

/** Runs what a press means, unless the card has just appeared or moved; then it says so. */
function usePress(card: Card, element: RefObject<HTMLElement | null>) {
  const { clock } = useApp();
  const counts = useGuard(`${card.id} ${card.status} ${card.problem ?? ''} ${card.hindrance ?? ''}`, element);
  const [tooSoon, setTooSoon] = useState(false);
  useEffect(() => {
    if (!tooSoon) {
      return undefined;
    }
    let seconds = 0;
    return clock.eachSecond(() => {
      seconds++;
      if (seconds >= 3) {
        setTooSoon(false);
      }
    });
  }, [clock, tooSoon]);
  const press = (act: () => void): boolean => {
    const counted = counts();
    setTooSoon(!counted);
    if (counted) {
      act();
    }
    return counted;
  };
  return { press, tooSoon };
}

function useDecide(card: Card, draft: Draft, action: Action): (decision: Choice['decision']) => void {
  const { approver } = useApp();
  return (decision) => {
    const reason = draft.reason.trim();
    action.run(() =>
      approver.decide(card.id, {
        decision,
        ...(decision === 'denied' && reason !== '' && { reason }),
        ...(decision === 'approved' && draft.rule !== undefined && { choice: draft.rule }),
        ...(decision === 'answered' && { values: valuesOf(fieldsOf(card), draft.entries) }),
      }),
    );
  };
}

function fieldsOf(card: Card): readonly Field[] {
  return card.received.understood ? (card.received.question.schema?.fields ?? []) : [];
}

function formErrors(card: Card, draft: Draft): number {
  return fieldsOf(card).filter((field) => fieldError(field, draft.entries) !== undefined).length;
}

/** After the errors are drawn. */
function focusFirstError(): void {
  requestAnimationFrame(() => {
    const field = document.querySelector<HTMLElement>('.question [aria-invalid="true"]');
    const input = field?.matches('fieldset') ? field.querySelector<HTMLElement>('input') : field;
    input?.focus();
  });
}
