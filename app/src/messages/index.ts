/**
 * What platform and device tell each other: docs/messages.md. Pure: no network, no storage, no clock; randomness is
 * passed in.
 */
export * from './answer.js';
export type { Assertion } from './assertion.js';
export { type Bytes, b64, fromB64 } from './bytes.js';
export type { Envelope, Random } from './crypto.js';
export * from './device.js';
export { formatLink, type PairingLink, parseLink } from './link.js';
export type { Hello, Join, PairingKeys } from './pairing.js';
export { transcriptOf } from './pairing.js';
export type { Passkey } from './passkey.js';
export * from './platform.js';
export * from './question.js';
export * from './receipt.js';
export type { Reason, Result } from './refusal.js';
export * from './state.js';
