import type { Field, Value } from '../messages/index.js';

/** What stands in a form: a text for each field, and the chosen values where several can be chosen. */
export type Entries = Readonly<Record<string, string | readonly string[]>>;

export type FieldError = 'required' | 'choose' | 'choose_some' | 'number';

/** docs/messages.md, section 7.3: at most 64 characters, a point before decimals. */
const NUMBER = /^-?[0-9]+(\.[0-9]+)?$/;

/** A field may be called `constructor` or `__proto__`. */
export function entryOf(entries: Entries, name: string): string | readonly string[] {
  return Object.hasOwn(entries, name) ? (entries[name] ?? '') : '';
}

/** What is wrong with a field; absent if nothing is. */
export function errorOf(field: Field, entries: Entries): FieldError | undefined {
  const entry = entryOf(entries, field.name);
  const empty = entry.length === 0;
  switch (field.type) {
    case 'text':
      return field.required && empty ? 'required' : undefined;
    case 'number': {
      const number = typeof entry === 'string' ? entry.trim() : '';
      if (number === '') {
        return field.required ? 'required' : undefined;
      }
      return NUMBER.test(number) && number.length <= 64 ? undefined : 'number';
    }
    case 'select':
      return field.required && empty ? 'choose' : undefined;
    case 'several':
      return field.required && empty ? 'choose_some' : undefined;
  }
}

/** The values as they are signed: fields that are left out have none, in the order of the form. */
export function valuesOf(fields: readonly Field[], entries: Entries): readonly Value[] {
  return fields.flatMap(({ name, type, options }): Value[] => {
    const entry = entryOf(entries, name);
    if (type === 'several') {
      const chosen = (options ?? []).map(({ value }) => value).filter((value) => entry.includes(value));
      return chosen.length === 0 || typeof entry === 'string' ? [] : [{ name, value: chosen }];
    }
    const value = typeof entry !== 'string' ? '' : type === 'number' ? entry.trim() : entry;
    return value === '' ? [] : [{ name, value }];
  });
}

/** A reason's length as it stands in the answer, in bytes; at most 1,000 are allowed. */
export function reasonRoom(reason: string): number {
  return 1_000 - (new TextEncoder().encode(JSON.stringify(reason)).length - 2);
}

/** Why a reason cannot be sent. Half of a character would make the whole answer unreadable. */
export function isWellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}
