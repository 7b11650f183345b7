import { type Assertion, readAssertion, verifyAssertion, writeAssertion } from './assertion.js';
import { type Bytes, b64, equal, fromB64, utf8 } from './bytes.js';
import { sha256, signEd25519, verifyEd25519 } from './crypto.js';
import { isNumber } from './forms.js';
import { type Json, MemberReader, readJson, writeJson } from './json.js';
import { pad, readPadded, SIZES } from './padding.js';
import type { Join } from './pairing.js';
import { ASSURANCES, type Assurance, type Field, type Intent, type Question } from './question.js';
import { ensure } from './refusal.js';

const DECISIONS = ['approved', 'denied', 'answered', 'seen', 'paired'] as const;
export type Decision = (typeof DECISIONS)[number];

export interface Value {
  readonly name: string;
  readonly value: string | readonly string[];
}

/** What a device answers: docs/messages.md, section 7.2. */
export interface Answer {
  readonly decision: Decision;
  readonly decidedAt: number;
  readonly reason?: string;
  readonly choice?: string;
  readonly values?: readonly Value[];
}

/** What an answer belongs to. */
export interface Subject {
  readonly transcript: Bytes;
  readonly requestId: string;
  readonly digest: Bytes;
}

/** A JWS in its parts. */
export interface Jws {
  readonly text: string;
  readonly input: string;
  readonly payload: Bytes;
  readonly signature: Bytes;
}

export interface Response {
  readonly answer: string;
  readonly passkey?: Assertion;
}

const HEADER = b64(utf8('{"alg":"EdDSA","typ":"harp-answer"}'));

export function signAnswer(seed: Bytes, subject: Subject, answer: Answer): Jws {
  ensure(answer.reason === undefined || isReason(answer.reason), 'answer_member');
  const payload = writeJson({
    v: 1,
    pair: b64(subject.transcript),
    request_id: subject.requestId,
    question: b64(subject.digest),
    decision: answer.decision,
    decided_at: answer.decidedAt,
    reason: answer.reason,
    choice: answer.choice,
    values: answer.values?.map(({ name, value }): Json => ({ name, value })),
  });
  const input = `${HEADER}.${b64(payload)}`;
  const signature = signEd25519(seed, utf8(input));
  return { text: `${input}.${b64(signature)}`, input, payload, signature };
}

export function readJws(text: string): Jws {
  const [header, body, tail, ...more] = text.split('.');
  const payload = fromB64(body ?? '.');
  const signature = fromB64(tail ?? '.');
  ensure(payload !== undefined && signature !== undefined && signature.length === 64, 'jws_form');
  ensure(header === HEADER && more.length === 0, 'jws_form');
  return { text, input: `${header}.${body ?? ''}`, payload, signature };
}

/** The challenge for a passkey. */
export function challengeOf(jws: Jws): Bytes {
  return sha256(utf8(jws.input));
}

function readText(payload: Bytes): { readonly subject: Subject; readonly answer: Answer } {
  const json: MemberReader = new MemberReader(readJson(payload), 'answer_member');
  json.ensure(json.integer('v') === 1);
  const transcript = json.bytes('pair', 32);
  const requestId = json.text('request_id');
  const digest = json.bytes('question', 32);
  const decision = DECISIONS.find((candidate) => candidate === json.text('decision'));
  const decidedAt = json.integer('decided_at');
  const reason = json.optional('reason', (name) => json.text(name));
  const choice = json.optional('choice', (name) => json.text(name));
  const values = json.optional('values', (name) => json.list(name).map(readValue));
  json.end();
  json.ensure(decision !== undefined);
  json.ensure(reason === undefined || isReason(reason));
  json.ensure((values !== undefined) === (decision === 'answered'));
  json.ensure(decision !== 'paired' || (reason === undefined && choice === undefined));
  return {
    subject: { transcript, requestId, digest },
    answer: {
      decision,
      decidedAt,
      ...(reason === undefined ? {} : { reason }),
      ...(choice === undefined ? {} : { choice }),
      ...(values === undefined ? {} : { values }),
    },
  };
}

function readValue(item: Json): Value {
  const json: MemberReader = new MemberReader(item, 'answer_member');
  const name = json.text('name');
  const value = json.any('value');
  json.end();
  if (typeof value === 'string') {
    return { name, value };
  }
  const texts = json.list('value').filter((text) => typeof text === 'string');
  json.ensure(Array.isArray(value) && texts.length === value.length);
  return { name, value: texts };
}

/** 1 to 1,000 bytes as they stand in the exact form. */
function isReason(reason: string): boolean {
  const length = utf8(JSON.stringify(reason)).length - 2;
  return length >= 1 && length <= 1_000;
}

/** The decisions that answer a question of this intent: section 7.3. */
export function decisionsFor(intent: Intent): readonly Decision[] {
  switch (intent) {
    case 'authorize':
      return ['approved', 'denied'];
    case 'collect':
      return ['answered', 'denied'];
    case 'inform':
      return ['seen', 'denied'];
  }
}

export function checkRules(question: Question, answer: Answer): void {
  const { decision, choice } = answer;
  ensure(decisionsFor(question.intent).includes(decision), 'wrong_decision');
  const offered = question.choices?.some(({ id }) => id === choice) ?? false;
  ensure(choice === undefined || (decision === 'approved' && offered), 'answer_choice');
  const values = answer.values ?? [];
  const fields = decision === 'answered' ? (question.schema?.fields ?? []) : [];
  const names = values.map(({ name }) => name);
  ensure(new Set(names).size === names.length, 'answer_values');
  ensure(
    values.every((value) => fields.some((field) => field.name === value.name && fits(field, value.value))),
    'answer_values',
  );
  ensure(
    fields.every((field) => !field.required || names.includes(field.name)),
    'answer_values',
  );
}

function fits(field: Field, value: string | readonly string[]): boolean {
  const isOption = (text: string) => field.options?.some((option) => option.value === text) ?? false;
  if (typeof value !== 'string') {
    const distinct = new Set(value).size === value.length;
    return field.type === 'several' && distinct && value.every(isOption) && !(field.required && value.length === 0);
  }
  switch (field.type) {
    case 'text':
      return !(field.required && value === '');
    case 'number':
      return isNumber(value);
    case 'select':
      return isOption(value);
    case 'several':
      return false;
  }
}

export function responseSizes(intent: string | undefined): readonly number[] {
  return intent === 'collect' ? SIZES.collectResponse : SIZES.response;
}

export function writeResponse(response: Response, sizes: readonly number[]): Bytes {
  const passkey = response.passkey === undefined ? undefined : writeAssertion(response.passkey);
  return pad({ answer: response.answer, passkey }, sizes);
}

export function readResponse(plaintext: Bytes, sizes: readonly number[]): Response {
  const json: MemberReader = new MemberReader(readPadded(plaintext, sizes), 'response_member');
  const answer = json.text('answer');
  const passkey = json.optional('passkey', (name) => readAssertion(json.object(name)));
  json.end();
  return { answer, ...(passkey === undefined ? {} : { passkey }) };
}

/** Signature, form and belonging of an answer. */
export function verifyText(
  response: Response,
  join: Join,
  expected: Subject,
): { readonly jws: Jws; readonly answer: Answer } {
  const jws = readJws(response.answer);
  ensure(verifyEd25519(join.ed25519, utf8(jws.input), jws.signature), 'signature');
  const { subject, answer } = readText(jws.payload);
  ensure(equal(subject.transcript, expected.transcript), 'wrong_pairing');
  ensure(subject.requestId === expected.requestId, 'wrong_request');
  ensure(equal(subject.digest, expected.digest), 'wrong_question');
  return { jws, answer };
}

/** Everything from the JWS on: section 7.4. */
export function verifyAnswer(
  response: Response,
  join: Join,
  transcript: Bytes,
  question: Question,
  plaintext: Bytes,
): { readonly answer: Answer; readonly assurance: Assurance } {
  const subject = { transcript, requestId: question.request_id, digest: sha256(plaintext) };
  const { jws, answer } = verifyText(response, join, subject);
  checkRules(question, answer);
  const assurance = response.passkey === undefined ? 'tap' : verifyAssertion(response.passkey, join, challengeOf(jws));
  const consents = answer.decision === 'approved' || answer.decision === 'answered';
  const enough = ASSURANCES.indexOf(assurance) >= ASSURANCES.indexOf(question.assurance);
  ensure(!consents || enough, 'assurance');
  return { answer, assurance };
}
