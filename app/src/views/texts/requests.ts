import type { Card } from '../../approver/approver.js';
import type { FieldError } from '../form.js';
import type { Oddity } from '../text/scripts.js';
import { count } from './count.js';
import { DECISION } from './words.js';

export const REQUEST = {
  whole: 'The request',
  code: (length: number) => `complete, ${count(length, 'character', 'characters')}`,
  scrolls: 'This is long: scroll it to its end.',
  diff: (lines: number) => `complete, ${count(lines, 'line', 'lines')}`,
  endOfQuestion: 'End of the request',
  added: 'added: ',
  removed: 'removed: ',
  parameters: 'Parameters',
  empty: '(empty)',
  about: 'Asks for',
  assurance: 'How sure',
  pairing: 'Pairing',
  since: (name: string, day: string) => `${name}, since ${day}`,
  asked: 'Asked',
  context: { agent: 'Calls itself', host: 'Says it runs on', directory: 'Directory', session: 'Session' },
  description: "The agent's description",
  reasoning: "The agent's reason",
  rules: 'Also allow from now on',
  rulesNote: 'Rules that the agent offers. It keeps them itself; this app does not check them.',
  once: 'Nothing more: only this once',
  rule: 'Also allow from now on:',
  alsoAllows: 'Also allows the rule that you chose',
  form: 'Your answer',
  required: 'required',
  optional: 'optional',
  reason: 'Reason, if you deny (optional)',
  reasonTooLong: (bytes: number) => `Too long by ${count(bytes, 'byte', 'bytes')}. Shorten it, then deny.`,
  raw: 'The request as it stands',
  rawNote: (names: readonly string[]) => `Not known here: ${names.join(', ')}.`,
  malformed: 'It holds half of a character, which cannot be sent. Delete it.',
} as const;

export const FIELD_ERROR: Readonly<Record<FieldError, string>> = {
  required: 'An answer is required here.',
  choose: 'Choose one.',
  choose_some: 'Choose at least one.',
  number: 'A number is asked: digits, a point before decimals, at most 64 characters. For example 12 or -0.5.',
};

export const FORM = {
  leftOut: 'No answer',
  room: (bytes: number) => `Room for about ${count(bytes, 'more character', 'more characters')}.`,
  tooLong: (bytes: number) => `Too long by about ${count(bytes, 'character', 'characters')}. Shorten an answer.`,
} as const;

export const BAR = {
  label: 'Your decision',
  approve: 'Approve',
  approveRule: 'Approve from now on',
  approvePasskey: 'Approve with passkey',
  answer: 'Send answer',
  answerPasskey: 'Send with passkey',
  deny: 'Deny',
  denyReason: 'Deny with reason',
  seen: 'Seen',
  readApprove: 'Read to the end to approve',
  readAnswer: 'Read to the end to answer',
  readSeen: 'Read to the end first',
  formErrors: (number: number) => `${count(number, 'field needs', 'fields need')} a look first`,
  tooSoon: 'Not counted: it had just appeared.',
  left: (clock: string) => `${clock} left, then it expires`,
  leftShort: (clock: string) => `${clock} left`,
  deadline: 'Expired. That is not a denial.',
  again: (key: string, what: string) => `Press ${key} again to ${what}`,
  passkeyWait: 'Waiting for your passkey…',
  next: 'Next request',
  done: 'Back to requests',
  dismiss: 'Dismiss',
} as const;

/** How a card stands; each with what to do next. */
export function statusWords(card: Card, at: string): string {
  const decision = card.decision === undefined ? 'Answered' : DECISION[card.decision];
  switch (card.status) {
    case 'open':
      return '';
    case 'sending':
      return `${decision}. It is stored here and being sent.`;
    case 'queued':
      return (
        `${decision}, not sent yet: no connection. It goes out by itself when there is one. ` +
        `After ${at} it would be too late.`
      );
    case 'sent':
      return `${decision} at ${at}. The relay has taken it. Nothing more to do.`;
    case 'late':
      return `Too late: it expired at ${at}. Your answer does not count. If it still matters, let the agent ask again.`;
    case 'expired':
      return `Expired at ${at} without an answer. That is not a denial. If it still matters, have the agent ask again.`;
    case 'withdrawn':
      return `The agent took this request back at ${at}. Nothing more to do.`;
    case 'elsewhere':
      return (
        `Answered elsewhere at ${at}, by another copy of this app. ` +
        'If that was not you, remove the agent and pair it again.'
      );
    case 'revoked':
      return 'The pairing has ended, so this cannot be answered any more. To go on with this agent, pair it again.';
    case 'refused':
      return 'The relay refused the answer for good. Nothing was approved. Have the agent ask again.';
  }
}

export function hindranceWords(hindrance: NonNullable<Card['hindrance']>): string {
  switch (hindrance) {
    case 'not_understood':
      return (
        'This app does not understand all of this request. ' +
        'What it does not know might be a condition, so the request can only be denied. ' +
        'Look for an update of the app, or deny.'
      );
    case 'clock_behind':
      return (
        "This phone's clock is behind a request that it has already seen. " +
        'Until it is right, you can only deny. Set the clock, then open this again.'
      );
    case 'passkey_missing':
      return (
        'This asks for a passkey, and the pairing has none. You can only deny. ' +
        'To approve such requests, make a passkey under Agents, This phone, and pair the agent again.'
      );
    case 'passkey_not_bound':
      return (
        'This asks for a passkey that cannot leave its device, and yours is synced. You can only deny. ' +
        'A security key would do: pair the agent again with one.'
      );
  }
}

export function problemWords(problem: NonNullable<Card['problem']>): string {
  switch (problem) {
    case 'passkey_cancelled':
      return "The passkey's dialog was closed. Nothing is decided. Press again when you are ready.";
    case 'passkey_failed':
      return 'The passkey did not answer. Nothing is decided. Unlock the device, then press again.';
    case 'not_noted':
      return 'This device could not store that the request has come. Free some storage on it, then decide.';
    case 'storage_failed':
      return 'The decision could not be stored, so it was not sent. Free some storage on this device and press again.';
    case 'already_decided':
      return (
        'Another request with the same number was already answered here. This one is not sent. ' +
        'Have the agent ask again.'
      );
    case 'too_long':
      return 'The answer is too long. Shorten it, then send it again.';
    default:
      return (
        `The answer did not hold (${problem}), so it was not sent. Nothing is decided. ` +
        'Load the page again and retry.'
      );
  }
}

export const TEXT = {
  hidden: (number: number) =>
    number === 1
      ? 'One hidden or direction-changing character is shown as a mark.'
      : `${number} hidden or direction-changing characters are shown as marks.`,
  odd: (oddity: Oddity): string => {
    switch (oddity.kind) {
      case 'mixed':
        return `mixes letters of ${oddity.scripts.join(' and ')}`;
      case 'alike':
        return `is written in ${oddity.script} letters that look like Latin ones`;
      case 'variant':
        return 'has unusual forms of letters';
    }
  },
  oddNote: (words: number, what: string) =>
    words === 1 ? `An underlined word ${what}.` : `${words} underlined words: the first ${what}.`,
} as const;
