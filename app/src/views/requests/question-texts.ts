import type { ReceivedQuestion, Severity } from '../../messages/index.js';
import { splitDiff } from '../text/diff.js';
import { SEVERITY } from '../texts.js';

/** The action, or what stands in its place in a question that is not understood. */
export function actionOf(received: ReceivedQuestion): string {
  if (received.understood) {
    return received.question.action;
  }
  const { action } = received.members;
  return typeof action === 'string' ? action : '';
}

/** An unknown severity is treated as the greatest. */
export function severityOf(received: ReceivedQuestion): Severity {
  const severity = received.understood ? received.question.severity : received.members.severity;
  const isKnown = (text: unknown): text is Severity => typeof text === 'string' && Object.hasOwn(SEVERITY, text);
  return isKnown(severity) ? severity : 'critical';
}

/** The exact thing that is asked for, for a first look in the list. */
export function previewOf(received: ReceivedQuestion): { readonly text: string; readonly code: boolean } | undefined {
  if (!received.understood) {
    return undefined;
  }
  const { details, parameters, description } = received.question;
  const detail = details?.[0];
  if (detail !== undefined) {
    return { text: detail.format === 'diff' ? changesOf(detail.text) : detail.text, code: detail.format !== 'text' };
  }
  const parameter = parameters?.[0];
  if (parameter !== undefined) {
    return { text: `${parameter.name}: ${parameter.value}`, code: true };
  }
  return description === undefined ? undefined : { text: description, code: false };
}

function changesOf(diff: string): string {
  const changes = splitDiff(diff).filter(({ kind }) => kind === 'added' || kind === 'removed');
  return changes.map(({ text }) => text).join('\n');
}

/** Every text of the question that somebody else has written. */
export function allTexts(received: ReceivedQuestion): readonly string[] {
  if (!received.understood) {
    return [JSON.stringify(received.members, null, 2)];
  }
  const { action, description, reasoning, context, parameters, details, choices, schema } = received.question;
  return [
    action,
    description ?? '',
    reasoning ?? '',
    ...Object.values(context ?? {}),
    ...(parameters ?? []).flatMap(({ name, value }) => [name, value]),
    ...(details ?? []).flatMap(({ label, text }) => [label, text]),
    ...(choices ?? []).map(({ rule }) => rule),
    ...(schema?.fields ?? []).flatMap(({ label, options }) => [
      label,
      ...(options ?? []).map((option) => option.label),
    ]),
  ];
}
