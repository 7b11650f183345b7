import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { isWellFormed, reasonRoom } from '../form.js';
import { REQUEST } from '../texts.js';
import type { Draft } from './drafts.js';

interface ReasonProps {
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
}

export function Reason({ draft, onDraft }: ReasonProps): JSX.Element {
  const id = useId();
  const error = reasonError(draft.reason);
  return (
    <div class="block field">
      <label class="label" for={id}>
        {REQUEST.reason}
      </label>
      <textarea
        id={id}
        rows={2}
        dir="auto"
        value={draft.reason}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-error`}
        onInput={({ currentTarget }) => onDraft({ ...draft, reason: currentTarget.value })}
      />
      <p class="error" id={`${id}-error`} aria-live="polite">
        {error}
      </p>
    </div>
  );
}

/** Why the reason cannot be sent. */
export function reasonError(reason: string): string | undefined {
  if (!isWellFormed(reason)) {
    return REQUEST.malformed;
  }
  const room = reasonRoom(reason.trim());
  return room < 0 ? REQUEST.reasonTooLong(-room) : undefined;
}
