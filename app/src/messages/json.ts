import { type Bytes, fromB64, fromUtf8, utf8 } from './bytes.js';
import { ensure, type Reason, Refusal } from './refusal.js';

export type Json = string | number | boolean | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

const NAME = /^[a-z][a-z0-9_]*$/;
const MAX_LEVELS = 8;

/** Whether a value is within the bounds of docs/messages.md, section 3.1. */
function isWithinBounds(value: unknown, level: number): value is Json {
  switch (typeof value) {
    case 'string':
      return isWellFormed(value);
    case 'boolean':
      return true;
    case 'number':
      return Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
    case 'object':
      if (value === null || level > MAX_LEVELS) {
        return false;
      }
      return Array.isArray(value)
        ? value.every((item) => isWithinBounds(item, level + 1))
        : Object.entries(value).every(([name, item]) => NAME.test(name) && isWithinBounds(item, level + 1));
    default:
      return false;
  }
}

function isWellFormed(text: string): boolean {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The bytes of the exact form. Members that are undefined are left out. */
export function writeJson(value: { readonly [name: string]: Json | undefined }): Bytes {
  const present = Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
  ensure(isWithinBounds(present, 1), 'json_form');
  return utf8(JSON.stringify(present));
}

/** The object, if the bytes are its exact form. */
export function readJson(bytes: Bytes): JsonObject {
  const text = fromUtf8(bytes);
  const value = text === undefined ? undefined : parse(text);
  ensure(isObject(value) && isWithinBounds(value, 1) && JSON.stringify(value) === text, 'json_form');
  return value;
}

/** The object, in any spelling, or nothing. */
export function readAnyJson(bytes: Bytes): { readonly [name: string]: unknown } | undefined {
  const text = fromUtf8(bytes);
  const value = text === undefined ? undefined : parse(text);
  return isObject(value) ? value : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Takes members from an object, and refuses with one reason whatever is missing or of another type. */
export class MemberReader {
  private readonly taken = new Set<string>();
  private readonly members: JsonObject;
  private readonly reason: Reason;

  constructor(value: Json, reason: Reason) {
    ensure(isObject(value), reason);
    this.members = value;
    this.reason = reason;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.members, name);
  }

  any(name: string): Json {
    this.taken.add(name);
    const value = this.has(name) ? this.members[name] : undefined;
    if (value === undefined) {
      throw new Refusal(this.reason);
    }
    return value;
  }

  text(name: string): string {
    const value = this.any(name);
    ensure(typeof value === 'string', this.reason);
    return value;
  }

  integer(name: string): number {
    const value = this.any(name);
    ensure(typeof value === 'number', this.reason);
    return value;
  }

  flag(name: string): boolean {
    const value = this.any(name);
    ensure(typeof value === 'boolean', this.reason);
    return value;
  }

  /** Canonical base64url text, of so many bytes if a length is given. */
  bytes(name: string, length?: number): Bytes {
    const bytes = fromB64(this.text(name));
    ensure(bytes !== undefined && (length === undefined || bytes.length === length), this.reason);
    return bytes;
  }

  list(name: string): readonly Json[] {
    const value = this.any(name);
    ensure(Array.isArray(value), this.reason);
    return value as readonly Json[];
  }

  object(name: string): MemberReader {
    return new MemberReader(this.any(name), this.reason);
  }

  optional<T>(name: string, read: (name: string) => T): T | undefined {
    return this.has(name) ? read(name) : undefined;
  }

  /** Names that nobody has taken. */
  rest(): string[] {
    return Object.keys(this.members).filter((name) => !this.taken.has(name));
  }

  /** Refuses a member that nobody has taken: it might be a condition. */
  end(): void {
    ensure(this.rest().length === 0, this.reason);
  }

  ensure(condition: boolean): asserts condition {
    ensure(condition, this.reason);
  }
}
