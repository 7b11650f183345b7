/**
 * Which screen is open, as the address's fragment: `#/requests/ID`. So the phone's own Back works, and a notification
 * opens a card by a link. A pairing link's fragment has no slash and is none of these.
 */
export type Route =
  | { readonly section: 'requests' | 'agents' | 'past'; readonly id?: string }
  | { readonly section: 'pair'; readonly way?: 'scan' | 'paste' };

/** In place of a request's id: the first that is open. A notification leads there, and knows no request. */
export const NEXT = 'next';

export function parseRoute(fragment: string): Route | undefined {
  const [start, section, rest, ...more] = fragment.split('/');
  if (start !== '#' || more.length > 0) {
    return undefined;
  }
  const id = decode(rest ?? '');
  switch (section) {
    case 'requests':
    case 'agents':
    case 'past':
      return id === '' ? { section } : { section, id };
    case 'pair':
      return id === 'scan' || id === 'paste' ? { section, way: id } : { section };
    default:
      return undefined;
  }
}

export function formatRoute(route: Route): string {
  const rest = route.section === 'pair' ? route.way : route.id;
  return rest === undefined ? `#/${route.section}` : `#/${route.section}/${encodeURIComponent(rest)}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
