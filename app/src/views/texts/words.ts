import type { Assurance, Decision } from '../../messages/index.js';

export const SEVERITY = { low: 'Low', medium: 'Medium', high: 'High', critical: 'Critical' } as const;

export const ASSURANCE: Readonly<Record<Assurance, string>> = {
  tap: 'a tap',
  biometric: 'your passkey (face, finger or PIN)',
  elevated: 'a passkey that cannot leave its device',
};

export const DECISION: Readonly<Record<Decision, string>> = {
  approved: 'Approved',
  denied: 'Denied',
  answered: 'Answered',
  seen: 'Seen',
  paired: 'Paired',
};
