import { type Address, parseAddress } from './address.js';
import { type Bytes, b64, concat, fromB64, fromHex, hex, utf8 } from './bytes.js';
import { attempt, ensure, Refusal, type Result } from './refusal.js';

/** What a pairing link carries: docs/messages.md, section 2. */
export interface PairingLink {
  readonly page: string;
  readonly relay: string;
  readonly pairId: string;
  readonly secret: Bytes;
  readonly commitment: Bytes;
}

const VERSION = 1;
const FIXED = 1 + 6 + 32 + 32;

/** @param allowHttp only by a person's explicit choice */
export function parseLink(text: string, allowHttp = false): Result<PairingLink> {
  return attempt(() => {
    const hash = text.indexOf('#');
    const page = hash > 0 && text[hash - 1] === '/' ? parseAddress(text.slice(0, hash - 1)) : undefined;
    ensure(page !== undefined, 'link_form');
    const field = fromB64(text.slice(hash + 1));
    ensure(field !== undefined && field.length > 0, 'link_field');
    ensure(field[0] === VERSION, 'link_version');
    ensure(field.length >= FIXED, 'link_field');
    const relay = relayOf(page, field.subarray(FIXED));
    ensure((page.secure && relay.secure) || allowHttp, 'link_insecure');
    return {
      page: `${page.text}/`,
      relay: relay.text,
      pairId: `pair_${hex(field.subarray(1, 7))}`,
      secret: field.slice(7, 39),
      commitment: field.slice(39, FIXED),
    };
  });
}

function relayOf(page: Address, named: Bytes): Address {
  let text: string | undefined;
  if (named.length > 0) {
    text = String.fromCharCode(...named);
  } else if (page.path.endsWith('/app')) {
    text = page.text.slice(0, -'/app'.length);
  }
  const relay = text === undefined ? undefined : parseAddress(text);
  if (relay === undefined) {
    throw new Refusal('link_relay');
  }
  return relay;
}

export function formatLink(link: PairingLink): string {
  const implied = link.page === `${link.relay}/app/`;
  const field = concat(Uint8Array.of(VERSION), pairBytes(link.pairId), link.secret, link.commitment);
  return `${link.page}#${b64(implied ? field : concat(field, utf8(link.relay)))}`;
}

/** L of section 4.1. */
export function linkPart(relay: string, pairId: string, commitment: Bytes): Bytes {
  return concat(Uint8Array.of(VERSION), pairBytes(pairId), commitment, utf8(relay));
}

function pairBytes(pairId: string): Bytes {
  return fromHex(pairId.slice('pair_'.length));
}
