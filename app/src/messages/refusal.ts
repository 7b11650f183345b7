/** Why something was refused: docs/messages.md, section 14. */
export type Reason =
  | 'link_form'
  | 'link_field'
  | 'link_version'
  | 'link_relay'
  | 'link_insecure'
  | 'envelope'
  | 'seal'
  | 'padding'
  | 'json_form'
  | 'too_long'
  | 'join_member'
  | 'hello_member'
  | 'question_member'
  | 'response_member'
  | 'answer_member'
  | 'receipt_member'
  | 'passkey_key'
  | 'commitment'
  | 'weak_key'
  | 'question_bounds'
  | 'question_times'
  | 'issued_in_future'
  | 'expired'
  | 'clock_behind'
  | 'late'
  | 'already_decided'
  | 'jws_form'
  | 'signature'
  | 'wrong_pairing'
  | 'wrong_request'
  | 'wrong_question'
  | 'wrong_decision'
  | 'answer_choice'
  | 'answer_values'
  | 'passkey_client'
  | 'passkey_data'
  | 'passkey_signature'
  | 'passkey_backup'
  | 'assurance';

/** A value, or the reason why there is none. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: Reason };

/** Thrown within this folder and caught by {@link attempt}; callers never see it. */
export class Refusal extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(`refused: ${reason}`);
    this.reason = reason;
  }
}

export function ensure(condition: boolean, reason: Reason): asserts condition {
  if (!condition) {
    throw new Refusal(reason);
  }
}

/**
 * Runs the steps. A refusal becomes a result; any other error is a mistake of the caller's or of ours, and stays one.
 */
export function attempt<T>(steps: () => T): Result<T> {
  try {
    return { ok: true, value: steps() };
  } catch (error) {
    if (error instanceof Refusal) {
      return { ok: false, reason: error.reason };
    }
    throw error;
  }
}
