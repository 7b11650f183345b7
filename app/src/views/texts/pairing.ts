import type { Pairing, PairingRefusal, PasskeyState } from '../../approver/approver.js';

export const PAIR = {
  title: 'Pair an agent',
  first: 'Nothing paired yet',
  where: 'On the computer where your agent runs:',
  command: (relay: string) => `harp pair --name my-agent --relay ${relay}`,
  thenScan: 'Then scan the code it shows. The relay in between sees no question and no answer.',
  scan: 'Scan the code',
  paste: 'Paste a link',
  scanTitle: 'Scan the code',
  aim: 'Hold the phone so that the whole code is in the picture.',
  starting: 'Starting the camera…',
  notOurs: 'That code is not a pairing link. Scan the one that harp pair shows.',
  camera: {
    refused: 'The camera is not allowed here. Allow it in the browser’s settings for this site, or paste the link.',
    absent: 'No camera was found. Paste the link instead.',
    failed: 'The camera stopped. Try again, or paste the link.',
    stuck: 'The camera shows no picture. Close other apps that use it and try again, or paste the link.',
  },
  retry: 'Try again',
  video: 'Picture of the camera',
  pasteTitle: 'Paste the link',
  pasteLabel: 'Link that harp pair shows',
  pasteNote: 'It holds a secret: use it only on this device, and send it to nobody.',
  pasteEmpty: 'Paste the link first.',
  read: 'Go on',
  offered: 'Pair by this relay?',
  relay: 'Relay',
  offeredNote: 'Nothing is joined yet. Go on only if this is the relay that you expect.',
  withPasskey: 'Approve with a passkey',
  passkey: {
    none: 'Each approval asks for your face, finger or PIN. A passkey is made now. Recommended.',
    synced:
      'Each approval asks for your face, finger or PIN. Your passkey is synced: ' +
      'enough for "biometric", not for "elevated".',
    bound:
      'Each approval asks for your face, finger or PIN. Your passkey stays on its device: enough for all requests.',
    impossible: 'Passkeys do not work on this address or in this browser. A tap will be all that is asked.',
  } satisfies Readonly<Record<PasskeyState, string>>,
  withoutPasskey:
    'Without one, a tap is enough, also for whoever holds this phone unlocked. ' +
    'Changing that later needs a new pairing.',
  join: 'Pair',
  installTitle: 'Install the app first',
  installNote:
    'On an iPhone or iPad the installed app has a storage of its own, and only it can be woken. ' +
    'What you pair here would stay in this tab.',
  installSteps: [
    'Tap the Share button, below or beside the address.',
    'Choose "Add to Home Screen", then "Add".',
    'Open the app from the home screen, and scan the code there.',
  ],
  installNot:
    'You can pair in this tab all the same. It cannot be woken, and Safari forgets it after seven days without use.',
  installHere: 'Pair in this tab',
  noPasskey: 'No passkey was made, so nothing is joined. Press Pair to try again, or pair without one.',
  joining: (relay: string) => `Joining by ${relay}…`,
  waiting: 'Waiting for the agent',
  waitingNote:
    'The digits appear when the agent has answered and its answer was checked. ' +
    'If none appear, somebody else may have used the code: cancel, and start again with a new one.',
  until: (clock: string) => `${clock} left for pairing`,
  digitsTitle: (name: string) => `Pair with ${name}?`,
  agent: 'Agent',
  host: 'Runs on',
  digits: 'The six digits',
  digitsLabel: (digits: string) => `Six digits: ${[...digits].join(' ')}`,
  type: 'Type these six digits where the code was shown.',
  nobody: 'If nobody asks for them there, press No: someone may be in between.',
  resembles: (name: string) =>
    `This name looks like ${name}, which you already know. Give it a name of its own before the digits count.`,
  rename: 'Your name for it',
  renameNext: 'Use this name',
  accepted: 'Has the agent accepted the digits?',
  yes: 'Yes',
  no: 'No, remove',
  confirming: 'Being confirmed…',
  offline: 'No connection. It goes on by itself.',
  paired: (name: string) => `Paired with ${name}`,
  pairedNote: 'Its requests will appear by themselves.',
  pairedWake: 'Turn on wake-ups, so that this phone tells you when it asks.',
  done: 'Done',
  refused: 'Not paired',
  again: 'Start again',
  goesOn: (what: string) => `Pairing goes on: ${what}`,
  goOn: 'Continue',
} as const;

export function pairingStepWords(pairing: Pairing): string {
  switch (pairing.step) {
    case 'refused':
      return PAIR.refused;
    case 'offered':
      return PAIR.offered;
    case 'joining':
    case 'waiting':
      return PAIR.waiting;
    case 'digits':
      return PAIR.accepted;
    case 'paired':
      return PAIR.done;
  }
}

const NEW_CODE = 'Run harp pair again and scan the new code.';

const REFUSALS: Readonly<Partial<Record<PairingRefusal, string>>> = {
  link_form: 'This is not a pairing link. Copy the whole link that harp pair shows, and paste it again.',
  link_field: 'This link is damaged or cut. Copy the whole link, or scan the code.',
  link_version: 'This link is of a newer version. Update this app, then scan again.',
  link_relay: 'The link names no relay that this app can use. Check --relay and --app of harp pair.',
  link_insecure: 'The link names a relay without HTTPS. Use its https:// address with harp pair --relay.',
  known: 'This pairing is already here. Nothing to do: look under Agents.',
  busy: 'Another pairing is under way. Finish or cancel it first.',
  relay_unreachable: 'The relay cannot be reached. Check the connection, then scan the code again.',
  relay_refused: `The relay refused the pairing. ${NEW_CODE}`,
  wrong_secret: `The relay does not accept this code. ${NEW_CODE}`,
  already_paired: `Somebody has already joined with this code. If that was not you, it was seen by others. ${NEW_CODE}`,
  pairing_expired: `The code has expired. ${NEW_CODE}`,
  pair_revoked: `The agent ended the pairing; perhaps the digits were wrong. ${NEW_CODE}`,
  storage_failed: 'The pairing could not be stored on this device. Free some storage, then scan again.',
  passkey_cancelled: 'No passkey was made, so nothing was joined. Scan again, or pair without a passkey.',
  passkey_failed: 'The passkey could not be made. Unlock the device and scan again, or pair without a passkey.',
  commitment:
    'The answer was not the one that the code promised: somebody may be in between. ' +
    `${NEW_CODE} If it happens again, do not use this relay.`,
};

export function refusalWords(reason: PairingRefusal): string {
  return REFUSALS[reason] ?? `The agent's answer did not hold (${reason}). Nothing is kept. ${NEW_CODE}`;
}
