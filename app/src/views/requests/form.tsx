import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Card } from '../../approver/approver.js';
import type { Field } from '../../messages/index.js';
import { useApp } from '../context.js';
import { type Entries, entryOf, errorOf, isWellFormed, valuesOf } from '../form.js';
import { Label } from '../parts.js';
import { Strange } from '../strange.js';
import { FIELD_ERROR, FORM, REQUEST } from '../texts.js';
import type { Draft } from './drafts.js';

/** From so many bytes on, the room that is left is told. */
const TELL_ROOM = 500;

interface FormProps {
  readonly card: Card;
  readonly fields: readonly Field[];
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  /** Shows errors of fields that were not touched, too: somebody has tried to send. */
  readonly showErrors: boolean;
}

export function AnswerForm({ card, fields, draft, onDraft, showErrors }: FormProps): JSX.Element {
  const { approver } = useApp();
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const room = approver.room(card.id, valuesOf(fields, draft.entries));
  return (
    <section class="block form">
      <Label>{REQUEST.form}</Label>
      {fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          entries={draft.entries}
          error={showErrors || touched.has(field.name) ? fieldError(field, draft.entries) : undefined}
          onEntry={(entry) => onDraft({ ...draft, entries: { ...draft.entries, [field.name]: entry } })}
          onLeave={() => setTouched(new Set([...touched, field.name]))}
        />
      ))}
      <p class={room < 0 ? 'error' : 'hint'} aria-live="polite">
        {room < 0 ? FORM.tooLong(-room) : room < TELL_ROOM ? FORM.room(room) : ''}
      </p>
    </section>
  );
}

export function fieldError(field: Field, entries: Entries): string | undefined {
  const entry = entryOf(entries, field.name);
  if (typeof entry === 'string' && !isWellFormed(entry)) {
    return REQUEST.malformed;
  }
  const error = errorOf(field, entries);
  return error === undefined ? undefined : FIELD_ERROR[error];
}

interface FieldProps {
  readonly field: Field;
  readonly entries: Entries;
  readonly error: string | undefined;
  readonly onEntry: (entry: string | readonly string[]) => void;
  readonly onLeave: () => void;
}

function FieldInput(props: FieldProps): JSX.Element {
  const { field, error } = props;
  const id = useId();
  const label = (
    <>
      <Strange text={field.label} />{' '}
      <span class="requirement">{field.required ? REQUEST.required : REQUEST.optional}</span>
    </>
  );
  const described = { 'aria-invalid': error !== undefined, 'aria-describedby': `${id}-error` };
  const message = (
    <p class="error" id={`${id}-error`} aria-live="polite">
      {error}
    </p>
  );
  if (field.type === 'select' || field.type === 'several') {
    return (
      <fieldset class="field choices" {...described}>
        <legend>{label}</legend>
        <Options {...props} group={id} />
        {message}
      </fieldset>
    );
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <TextInput {...props} id={id} described={described} />
      {message}
    </div>
  );
}

function TextInput(props: FieldProps & { readonly id: string; readonly described: object }): JSX.Element {
  const { field, entries, id, described, onEntry, onLeave } = props;
  const entry = entryOf(entries, field.name);
  const value = typeof entry === 'string' ? entry : '';
  const common = { id, value, required: field.required, autoComplete: 'off', onBlur: onLeave, ...described };
  return field.type === 'number' ? (
    <input {...common} type="text" inputMode="decimal" onInput={({ currentTarget }) => onEntry(currentTarget.value)} />
  ) : (
    <textarea {...common} rows={3} dir="auto" onInput={({ currentTarget }) => onEntry(currentTarget.value)} />
  );
}

/** Buttons of the page rather than a menu of the browser's: that one would show hidden characters as nothing. */
function Options(props: FieldProps & { readonly group: string }): JSX.Element {
  const { field, entries, group, onEntry, onLeave } = props;
  const entry = entryOf(entries, field.name);
  const several = field.type === 'several';
  const chosen = (value: string) => (several ? entry.includes(value) && typeof entry !== 'string' : entry === value);
  const toggle = (value: string) => {
    const before = typeof entry === 'string' ? [] : entry;
    onEntry(before.includes(value) ? before.filter((other) => other !== value) : [...before, value]);
  };
  const option = (value: string, content: JSX.Element | string) => (
    <label class="choice" key={value}>
      <input
        type={several ? 'checkbox' : 'radio'}
        name={group}
        checked={chosen(value)}
        onChange={() => (several ? toggle(value) : onEntry(value))}
        onBlur={onLeave}
      />
      <span>{content}</span>
    </label>
  );
  return (
    <>
      {!several && !field.required && option('', FORM.leftOut)}
      {(field.options ?? []).map(({ value, label }) =>
        option(
          value,
          <>
            <Strange text={label} />
            {value !== label && (
              <>
                {' '}
                <span class="value mono">
                  <Strange text={value} />
                </span>
              </>
            )}
          </>,
        ),
      )}
    </>
  );
}
