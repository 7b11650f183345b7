/** An address in the spelling of docs/messages.md, section 2.1. */
export interface Address {
  readonly text: string;
  readonly host: string;
  readonly path: string;
  /** Whether the host is a name, and no IP address. */
  readonly named: boolean;
  /** Whether traffic is encrypted, or stays on this machine. */
  readonly secure: boolean;
}

const FORM = /^(https?):\/\/(\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::([1-9][0-9]{0,4}))?((?:\/[A-Za-z0-9_-]+)*)$/;
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

export function parseAddress(text: string): Address | undefined {
  const match = FORM.exec(text);
  if (match === null || text.length > 255 || text.includes('\n')) {
    return undefined;
  }
  const [, scheme, host = '', port, path = ''] = match;
  const standardPort = scheme === 'https' ? '443' : '80';
  if (port !== undefined && (port === standardPort || Number(port) > 65_535)) {
    return undefined;
  }
  const numeric = isIpv4(host) || isBracketedIpv6(host);
  if (!numeric && !isName(host)) {
    return undefined;
  }
  const loopback = host === 'localhost' || host === '[::1]' || (isIpv4(host) && host.startsWith('127.'));
  return { text, host, path, named: !numeric, secure: scheme === 'https' || loopback };
}

function isIpv4(host: string): boolean {
  const parts = host.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
}

function isName(host: string): boolean {
  const labels = host.split('.');
  return host.length <= 253 && labels.every((label) => LABEL.test(label)) && /^[a-z]/.test(labels.at(-1) ?? '');
}

function isBracketedIpv6(host: string): boolean {
  if (!host.startsWith('[') || !host.endsWith(']')) {
    return false;
  }
  const text = host.slice(1, -1);
  const fields = expandIpv6(text);
  return fields !== undefined && compressIpv6(fields) === text;
}

function expandIpv6(text: string): string[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) {
    return undefined;
  }
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) {
    return undefined;
  }
  const fields = [...left, ...Array<string>(missing).fill('0'), ...right];
  return fields.every((field) => /^[0-9a-f]{1,4}$/.test(field)) ? fields : undefined;
}

/** RFC 5952, section 4: the first of the longest runs of two or more zero fields is left out. */
function compressIpv6(fields: readonly string[]): string {
  const short = fields.map((field) => Number.parseInt(field, 16).toString(16));
  for (let length = 8; length >= 2; length--) {
    for (let start = 0; start + length <= 8; start++) {
      if (short.slice(start, start + length).every((field) => field === '0')) {
        return `${short.slice(0, start).join(':')}::${short.slice(start + length).join(':')}`;
      }
    }
  }
  return short.join(':');
}
