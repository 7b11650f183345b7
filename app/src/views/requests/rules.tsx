import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { Card } from '../../approver/approver.js';
import { StrangeCode } from '../strange.js';
import { REQUEST } from '../texts.js';
import type { Draft } from './drafts.js';

interface RulesProps {
  readonly card: Card;
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
}

/** The rules that the agent offers, quoted beside the app's own words. None is chosen by itself. */
export function Rules({ card, draft, onDraft }: RulesProps): JSX.Element | null {
  const group = useId();
  const choices = card.received.understood ? (card.received.question.choices ?? []) : [];
  if (choices.length === 0 || !card.decisions.includes('approved')) {
    return null;
  }
  const { rule: chosen, ...without } = draft;
  return (
    <fieldset class="block choices">
      <legend class="label">{REQUEST.rules}</legend>
      <p class="hint">{REQUEST.rulesNote}</p>
      <label class="choice">
        <input type="radio" name={group} checked={chosen === undefined} onChange={() => onDraft(without)} />
        <span>{REQUEST.once}</span>
      </label>
      {choices.map(({ id, rule }) => (
        <label class="choice" key={id}>
          <input type="radio" name={group} checked={chosen === id} onChange={() => onDraft({ ...without, rule: id })} />
          <span>
            {REQUEST.rule} <StrangeCode text={rule} />
          </span>
        </label>
      ))}
    </fieldset>
  );
}
