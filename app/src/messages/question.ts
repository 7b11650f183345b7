import type { Bytes } from './bytes.js';
import { sha256 } from './crypto.js';
import { isIdentifier, isRequestId, isWithin } from './forms.js';
import { type JsonObject, MemberReader } from './json.js';
import { pad, readPadded, SIZES } from './padding.js';
import { ensure, Refusal } from './refusal.js';

const INTENTS = ['authorize', 'collect', 'inform'] as const;
const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
const FORMATS = ['text', 'code', 'diff'] as const;
const FIELD_TYPES = ['text', 'number', 'select', 'several'] as const;
export const ASSURANCES = ['tap', 'biometric', 'elevated'] as const;

export type Intent = (typeof INTENTS)[number];
export type Severity = (typeof SEVERITIES)[number];
export type Assurance = (typeof ASSURANCES)[number];

export interface Option {
  readonly value: string;
  readonly label: string;
}

export interface Field {
  readonly name: string;
  readonly type: (typeof FIELD_TYPES)[number];
  readonly label: string;
  readonly required: boolean;
  readonly options?: readonly Option[];
}

/** A question as docs/messages.md, section 5, says, by the names on the wire. */
export interface Question {
  readonly v: 1;
  readonly intent: Intent;
  readonly request_id: string;
  readonly issued_at: number;
  readonly expires_at: number;
  readonly action: string;
  readonly severity: Severity;
  readonly assurance: Assurance;
  readonly description?: string;
  readonly reasoning?: string;
  readonly context?: {
    readonly agent?: string;
    readonly host?: string;
    readonly directory?: string;
    readonly session?: string;
  };
  readonly parameters?: readonly { readonly name: string; readonly value: string }[];
  readonly details?: readonly {
    readonly label: string;
    readonly format: (typeof FORMATS)[number];
    readonly text: string;
  }[];
  readonly choices?: readonly { readonly id: string; readonly rule: string }[];
  readonly schema?: { readonly fields: readonly Field[] };
}

interface Received {
  readonly requestId: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** The padded bytes. */
  readonly plaintext: Bytes;
  readonly digest: Bytes;
}

/**
 * A genuine question whose times are not judged yet. One that is not understood is shown as it stands, and can only be
 * denied.
 */
export type ReceivedQuestion =
  | (Received & { readonly understood: true; readonly question: Question })
  | (Received & { readonly understood: false; readonly unknown: readonly string[]; readonly members: JsonObject });

/** The plaintext of a question. Refused if it is out of its bounds; never cut. */
export function writeQuestion(question: Question): Bytes {
  const plaintext = pad({ ...question } as object as JsonObject, SIZES.question);
  ensure(readQuestion(plaintext, question.request_id).understood, 'question_member');
  return plaintext;
}

/** Reads a question that this side has kept, or that a receipt carries. */
export function readOwnQuestion(plaintext: Bytes): Question {
  const json: MemberReader = new MemberReader(readPadded(plaintext, SIZES.question), 'question_member');
  const received = readQuestion(plaintext, json.text('request_id'));
  if (!received.understood) {
    throw new Refusal('question_member');
  }
  return received.question;
}

export function readQuestion(plaintext: Bytes, requestId: string): ReceivedQuestion {
  const members = readPadded(plaintext, SIZES.question);
  const json: MemberReader = new MemberReader(members, 'question_member');
  const version = json.integer('v');
  const own = json.text('request_id');
  const issuedAt = json.integer('issued_at');
  const expiresAt = json.integer('expires_at');
  json.ensure(isRequestId(own));
  ensure(isLifetime(issuedAt, expiresAt), 'question_times');
  ensure(own === requestId, 'wrong_request');
  const received = { requestId, issuedAt, expiresAt, plaintext, digest: sha256(plaintext) };
  const unknown = version === 1 ? new Checker(json).check() : ['v'];
  return unknown.length === 0
    ? { ...received, understood: true, question: members as unknown as Question }
    : { ...received, understood: false, unknown, members };
}

export function isLifetime(issuedAt: number, expiresAt: number): boolean {
  const lifetime = expiresAt - issuedAt;
  return lifetime > 0 && lifetime <= 86_400;
}

/** Checks the members of version 1, and lists what it does not know. */
class Checker {
  private readonly unknown: string[] = [];
  private readonly json: MemberReader;

  constructor(json: MemberReader) {
    this.json = json;
  }

  check(): string[] {
    const json: MemberReader = this.json;
    const intent = this.known('intent', json.text('intent'), INTENTS);
    within(json.text('action'), 1, 200);
    this.known('severity', json.text('severity'), SEVERITIES);
    this.known('assurance', json.text('assurance'), ASSURANCES);
    this.texts(json, 'description', 'reasoning');
    json.optional('context', (name) => {
      const context = json.object(name);
      this.texts(context, 'agent', 'host', 'directory', 'session');
      this.note('context.', context);
    });
    this.each(json, 'parameters', '', 100, (item) => {
      within(item.text('name'), 1, 100);
      item.text('value');
    });
    this.each(json, 'details', '', 16, (item, path) => {
      within(item.text('label'), 1, 100);
      this.known(`${path}format`, item.text('format'), FORMATS);
      item.text('text');
    });
    distinct(
      this.each(json, 'choices', '', 8, (item) => {
        within(item.text('rule'), 1, 1_000);
        return identifier(item.text('id'));
      }),
    );
    json.optional('schema', (name) => this.schema(json.object(name)));
    if (intent !== undefined) {
      json.ensure(json.has('schema') === (intent === 'collect'));
      json.ensure(!json.has('choices') || intent === 'authorize');
    }
    this.note('', json);
    return this.unknown;
  }

  private schema(schema: MemberReader): void {
    schema.ensure(schema.has('fields'));
    const names = this.each(schema, 'fields', 'schema.', 32, (item, path) => this.field(item, path));
    ensure(names.length > 0, 'question_bounds');
    distinct(names);
    this.note('schema.', schema);
  }

  private field(item: MemberReader, path: string): string {
    const name = identifier(item.text('name'));
    within(item.text('label'), 1, 200);
    item.flag('required');
    const type = this.known(`${path}type`, item.text('type'), FIELD_TYPES);
    const values = this.each(item, 'options', path, 64, (option) => {
      within(option.text('label'), 1, 200);
      return within(option.text('value'), 1, 100);
    });
    distinct(values);
    if (type !== undefined) {
      const chooses = type === 'select' || type === 'several';
      item.ensure(item.has('options') === chooses);
      ensure(!chooses || values.length > 0, 'question_bounds');
    }
    return name;
  }

  private known<T extends string>(path: string, value: string, all: readonly T[]): T | undefined {
    const known = all.find((candidate) => candidate === value);
    if (known === undefined) {
      this.unknown.push(path);
    }
    return known;
  }

  private texts(json: MemberReader, ...names: readonly string[]): void {
    for (const name of names) {
      json.optional(name, () => json.text(name));
    }
  }

  private each<T>(
    json: MemberReader,
    name: string,
    prefix: string,
    most: number,
    read: (item: MemberReader, path: string) => T,
  ): T[] {
    const items = json.optional(name, () => json.list(name)) ?? [];
    ensure(items.length <= most, 'question_bounds');
    return items.map((value, i) => {
      const item: MemberReader = new MemberReader(value, 'question_member');
      const path = `${prefix}${name}.${i}.`;
      const result = read(item, path);
      this.note(path, item);
      return result;
    });
  }

  private note(path: string, json: MemberReader): void {
    this.unknown.push(...json.rest().map((name) => path + name));
  }
}

function within(text: string, least: number, most: number): string {
  ensure(isWithin(text, least, most), 'question_bounds');
  return text;
}

function identifier(text: string): string {
  ensure(isIdentifier(text), 'question_bounds');
  return text;
}

function distinct(names: readonly string[]): void {
  ensure(new Set(names).size === names.length, 'question_bounds');
}
