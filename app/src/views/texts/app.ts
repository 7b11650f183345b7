import type { PasskeyState, Phone, RelayState, Snapshot } from '../../approver/approver.js';
import { count } from './count.js';

export const APP = {
  title: 'Approvals',
  titleWaiting: (waiting: number) => `(${waiting}) Approvals`,
  requests: 'Requests',
  agents: 'Agents',
  past: 'Past',
  navigation: 'Main',
  opening: 'Opening…',
  back: 'Back',
  cancel: 'Cancel',
  waiting: (number: number) => (number === 0 ? '' : `${number} waiting`),
  arrived: (agent: string, action: string, severity: string) => `New request, ${severity}: ${action}. From ${agent}.`,
} as const;

export const EMPTY = {
  requests: 'Nothing is waiting',
  requestsNext: 'When an agent asks, its question appears here by itself.',
  requestsNoWakeUps: 'Wake-ups are off, so this phone stays silent while the app is closed.',
  turnOn: 'Turn wake-ups on',
  allPaused: 'All agents are paused',
  allPausedNext: 'Their requests are not shown, and expire. Resume an agent to see them again.',
  openAgents: 'Open Agents',
  agents: 'No agent is paired',
  agentsNext: 'Pair one: it takes a code on its screen and six digits.',
  past: 'Nothing decided yet',
  pastNext: 'The last 50 decisions are kept here, encrypted, each with a receipt.',
  noQuestion: 'No request is open',
  noQuestionNext: 'Choose one on the left. Arrow keys move, Enter opens.',
  detail: 'What is chosen',
  noAgent: 'Choose an agent on the left',
  noPast: 'Choose a decision on the left',
  goneOther: 'This is not here any more',
  gone: 'This request is not here any more',
  goneNext: 'It was answered, taken back or has expired. Nothing of it is waiting.',
} as const;

export const STORAGE: Readonly<Record<'unavailable' | 'damaged', { readonly title: string; readonly text: string }>> = {
  unavailable: {
    title: 'The browser gives no storage',
    text:
      'Keys and decisions cannot be kept, so nothing can be paired or approved. ' +
      'Leave private browsing, or allow this site to store data, then load the page again.',
  },
  damaged: {
    title: 'What is stored cannot be opened',
    text:
      'The keys on this phone are lost or damaged. ' +
      'Nothing can be approved with them, and requests that are open will expire. ' +
      'Begin anew and pair each agent again; remove the old pairing there with harp revoke.',
  },
};
export const STORAGE_NEXT = { unavailable: 'Load the page again', damaged: 'Begin anew' } as const;

export const AGENTS = {
  pair: 'Pair another',
  line: (relay: string, paired: string) => `${relay} · paired ${paired}`,
  lastAsked: (ago: string) => `last asked ${ago}`,
  paused: 'Paused: its requests are not shown, and expire.',
  ended: 'Ended from the other side, or forgotten by the relay. Remove it; to go on, pair it again.',
  removing: 'Being removed: the relay is told when it can be reached.',
  asks: { tap: 'a tap is enough', biometric: 'can ask for your passkey', elevated: 'can ask for your bound passkey' },
  name: 'Name',
  save: 'Save name',
  nameError: 'A name has 1 to 64 bytes and no control characters.',
  nameTaken: 'Another agent has this name.',
  ownName: 'Calls itself',
  host: 'Runs on',
  relay: 'Relay',
  pairedAt: 'Paired',
  most: 'At most',
  transcript: 'For harp verify',
  pause: 'Pause',
  resume: 'Resume',
  remove: 'Remove',
  removeTitle: (name: string) => `Remove ${name}?`,
  removeNote:
    'Its keys are deleted here at once, and its open requests cannot be answered any more. ' +
    'To use it again, pair it again.',
  keep: 'Keep it',
} as const;

export const PHONE = {
  title: 'This phone',
  wakeUps: (wakeUps: Phone['wakeUps']): { readonly title: string; readonly text: string } => {
    if (wakeUps.permission === 'denied') {
      return {
        title: 'Wake-ups are not allowed',
        text:
          'Notifications are blocked for this site. ' +
          'Allow them in the settings of the browser or the phone, then come back.',
      };
    }
    if (wakeUps.permission === 'unsupported' && wakeUps.state !== 'install_first') {
      return {
        title: 'No wake-ups here',
        text: 'This browser cannot be woken. Keep the app open, or use another browser.',
      };
    }
    switch (wakeUps.state) {
      case 'on':
        return { title: 'Wake-ups are on', text: 'This phone tells you when an agent asks.' };
      case 'off':
        return { title: 'Wake-ups are off', text: 'While the app is closed, requests expire unseen.' };
      case 'install_first':
        return {
          title: 'Wake-ups need the installed app',
          text: 'Tap Share, choose "Add to Home Screen", and open the app from there.',
        };
      case 'no_relay':
        return {
          title: 'The relay sends no wake-ups',
          text: 'Keep the app open, or ask whoever runs the relay to set PUBLIC_URL.',
        };
      default:
        return { title: 'Wake-ups do not work', text: 'The browser or the relay refused the subscription. Try again.' };
    }
  },
  lastWakeUp: (ago: string) => `Last one ${ago}.`,
  noWakeUp: 'None has come yet.',
  enable: 'Turn on',
  retry: 'Try again',
  disable: 'Turn off',
  test: 'Send a test',
  tested: 'A test notification should have appeared. If not, look at the notification settings of the phone.',
  passkey: {
    none: {
      title: 'No passkey',
      text: 'Agents are answered with a tap. A passkey made now can be used by agents that are paired afterwards.',
    },
    synced: { title: 'Passkey ready', text: 'Synced passkey: enough for "biometric", not for "elevated".' },
    bound: { title: 'Passkey ready', text: 'It stays on its device: enough for "biometric" and "elevated".' },
    impossible: {
      title: 'No passkeys here',
      text:
        'They need HTTPS, a name instead of an IP address, and a browser that knows them. ' +
        'A tap is all that is asked.',
    },
  } satisfies Readonly<Record<PasskeyState, object>>,
  passkeyProblem: {
    cancelled: 'The dialog was closed, so no passkey was made. Try again when you are ready.',
    failed: 'No passkey was made. Unlock the device, then try again.',
  },
  createPasskey: 'Make a passkey',
  persisted: {
    title: 'Storage kept by the browser',
    text: 'If it is ever cleared, pair again; nothing can be approved meanwhile.',
  },
  notPersisted: {
    title: 'Storage may be cleared',
    text: 'The browser has not promised to keep it. Install the app, or use it often. If it is cleared, pair again.',
  },
  installed: 'Installed as an app',
  notInstalled: 'Open in a browser tab',
  version: (version: string, installed: boolean) =>
    `Version ${version}. ${installed ? PHONE.installed : PHONE.notInstalled}.`,
  offline: 'This device has no network. What you decide is sent later, or says that it was too late.',
  reset: 'Begin anew',
  resetTitle: 'Delete everything on this phone?',
  resetNote:
    'All keys, pairings and past decisions are deleted here. Each agent has to be paired again. ' +
    'Nothing brings this back.',
  resetYes: 'Delete everything',
  resetNo: 'Keep everything',
  failed: 'That did not work. Try again.',
} as const;

export function connectionWords(relay: RelayState, host: string): string {
  switch (relay.connection) {
    case 'connecting':
      return `Connecting to ${host}…`;
    case 'connected':
      return `Connected to ${host}`;
    case 'offline':
      return `No connection to ${host}`;
    case 'draining':
      return `${host} is restarting; trying again`;
    case 'nonsense':
      return `${host} answers what this app does not understand`;
    case 'limited':
      return `${host} asks to wait; trying again`;
  }
}

/** Seconds by which the clocks differ, where it is worth a word. */
export function clockWords(ahead: number): string {
  const minutes = Math.round(Math.abs(ahead) / 60);
  return (
    `Its clock is ${count(minutes, 'minute', 'minutes')} ${ahead > 0 ? 'ahead of' : 'behind'} this ` +
    "phone's. Check the time here."
  );
}

/** The one line at the foot: connected or not, to which relay, wake-ups on or off. */
/** One line, if the relay's name is not long: without the scheme, which the agents' screen shows. */
export function statusLine(snapshot: Snapshot): string {
  const wakeUps = snapshot.phone.wakeUps.state === 'on' ? 'wake-ups on' : 'wake-ups off';
  if (!snapshot.phone.online) {
    return `Offline. Decisions are sent later · ${wakeUps}`;
  }
  const bad = snapshot.relays.find(({ connection }) => connection !== 'connected');
  const shown = bad ?? snapshot.relays[0];
  if (shown === undefined) {
    return '';
  }
  const words =
    bad === undefined && snapshot.relays.length > 1
      ? `Connected to ${snapshot.relays.length} relays`
      : connectionWords(shown, shown.relay.replace(/^https?:\/\//, ''));
  return `${words} · ${wakeUps}`;
}

export const PAST = {
  agent: 'Agent',
  by: (agent: string, moment: string) => `${agent} · ${moment}`,
  how: { tap: 'with a tap', biometric: 'with your passkey', elevated: 'with your bound passkey' },
  late: 'Too late: it did not count.',
  notSent: 'Not sent yet.',
  refused: 'Refused by the relay: it did not count.',
  receipt: 'Save receipt',
  share: 'Share receipt',
  noReceipt: 'The request is not kept any more, so there is no receipt.',
  receiptNote: 'A receipt shows others what you answered: the request and your signature. harp verify checks it.',
  fileName: (id: string) => `receipt-${id.replace(/[^A-Za-z0-9-]/g, '').slice(-36)}.json`,
} as const;
