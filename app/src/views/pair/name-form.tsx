import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { useAction } from '../action.js';
import { Button } from '../parts.js';
import { AGENTS } from '../texts.js';

interface NameFormProps {
  readonly label: string;
  readonly button: string;
  readonly name: string;
  /** Fails if the name cannot be used. */
  readonly onName: (name: string) => Promise<void>;
}

/** The person's own name for an agent. */
export function NameForm({ label, button, name, onName }: NameFormProps): JSX.Element {
  const id = useId();
  const action = useAction();
  const [text, setText] = useState(name);
  const [bad, setBad] = useState(false);
  const save = () => {
    const next = text.trim();
    const fits = isName(next);
    setBad(!fits);
    if (fits) {
      action.run(() => onName(next));
    }
  };
  const error = bad ? AGENTS.nameError : action.failed ? AGENTS.nameTaken : '';
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        dir="auto"
        autoComplete="off"
        value={text}
        aria-invalid={error !== ''}
        aria-describedby={`${id}-error`}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <p class="error" id={`${id}-error`} aria-live="polite">
        {error}
      </p>
      <Button busy={action.busy} onPress={save}>
        {button}
      </Button>
    </form>
  );
}

function isName(text: string): boolean {
  const length = new TextEncoder().encode(text).length;
  return length >= 1 && length <= 64 && !/[\p{Cc}\p{Cs}]/u.test(text);
}
