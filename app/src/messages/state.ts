import type { Decision } from './answer.js';
import { type Bytes, equal } from './bytes.js';
import type { Envelope } from './crypto.js';
import { isLifetime, type ReceivedQuestion } from './question.js';
import type { Reason } from './refusal.js';

/** Clocks and state: docs/messages.md, section 9. Times are Unix seconds, by the own clock. */

const GRACE = 120;
const KEPT = 30 * 86_400;

/** Why a question may not be shown as open, or nothing. */
export function judgeTimes(now: number, issuedAt: number, expiresAt: number): Reason | undefined {
  if (!isLifetime(issuedAt, expiresAt)) {
    return 'question_times';
  }
  if (issuedAt > now + GRACE) {
    return 'issued_in_future';
  }
  return now < expiresAt ? undefined : 'expired';
}

/** Whether the clock is too far behind M to consent. */
export function isBehind(now: number, newestIssuedAt: number): boolean {
  return now < newestIssuedAt - GRACE;
}

/** @param elapsed by a monotonic clock, since the question was issued */
export function isInTime(issuedAt: number, expiresAt: number, now: number, elapsed: number): boolean {
  return now < expiresAt && elapsed < expiresAt - issuedAt;
}

export function clockDiffers(decidedAt: number, issuedAt: number, arrivedAt: number): boolean {
  return decidedAt < issuedAt - GRACE || decidedAt > arrivedAt + GRACE;
}

/** A decision of a device, with the response that is sent for it, now and whenever it is sent again. */
export interface LogEntry {
  readonly requestId: string;
  readonly digest: Bytes;
  readonly response: Envelope;
  readonly expiresAt: number;
}

/** Why a decision may not be made now, or nothing. */
export function judgeDecision(
  question: ReceivedQuestion,
  decision: Decision,
  now: number,
  newestIssuedAt: number,
): Reason | undefined {
  const consents = decision === 'approved' || decision === 'answered';
  const times = judgeTimes(now, question.issuedAt, question.expiresAt);
  return times ?? (consents && isBehind(now, newestIssuedAt) ? 'clock_behind' : undefined);
}

/** M after a genuine question has been seen. */
export function observe(newestIssuedAt: number, question: ReceivedQuestion, now: number): number {
  const passed = judgeTimes(now, question.issuedAt, question.expiresAt) === undefined;
  return passed ? Math.max(newestIssuedAt, question.issuedAt) : newestIssuedAt;
}

/** Whether an entry may go. */
export function isForgotten(entry: Pick<LogEntry, 'expiresAt'>, newestIssuedAt: number): boolean {
  return newestIssuedAt > entry.expiresAt + KEPT;
}

/**
 * What happens with a decision, given what is stored under its request. To be called within the one strict transaction
 * that also inserts: `insert` is then stored and sent, `existing` is sent again, and for `already_decided` nothing is
 * sent.
 */
export function decide<E extends Pick<LogEntry, 'digest'>>(
  stored: E | undefined,
  fresh: E,
): { readonly insert: E } | { readonly existing: E } | { readonly refused: Reason } {
  if (stored === undefined) {
    return { insert: fresh };
  }
  return equal(stored.digest, fresh.digest) ? { existing: stored } : { refused: 'already_decided' };
}
