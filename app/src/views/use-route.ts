import { useEffect, useState } from 'preact/hooks';
import type { Card } from '../approver/approver.js';
import { formatRoute, NEXT, parseRoute, type Route } from './route.js';

const HOME: Route = { section: 'requests' };
/** Milliseconds in which the request that a notification is about has to come. */
const NEXT_COMES = 10_000;

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash) ?? HOME);
  useEffect(() => {
    const update = () => {
      const next = location.hash === '' ? HOME : parseRoute(location.hash);
      if (next !== undefined) {
        setRoute(next);
      }
    };
    update();
    addEventListener('hashchange', update);
    addEventListener('popstate', update);
    return () => {
      removeEventListener('hashchange', update);
      removeEventListener('popstate', update);
    };
  }, []);
  return route;
}

/** With `replace`, the phone's Back does not come here again. */
export function go(route: Route, replace = false): void {
  if (replace) {
    history.replaceState(null, '', formatRoute(route));
    dispatchEvent(new PopStateEvent('popstate'));
  } else {
    location.hash = formatRoute(route);
  }
}

/** The route with {@link NEXT} as the request that it stands for; as the list, until there is one. */
export function useNext(route: Route, cards: readonly Card[]): Route {
  const wanted = route.section === 'requests' && route.id === NEXT;
  const next = wanted ? cards.find(({ status }) => status === 'open')?.id : undefined;
  useEffect(() => {
    if (next !== undefined) {
      go({ section: 'requests', id: next }, true);
    }
  }, [next]);
  useEffect(() => {
    const timer = wanted ? setTimeout(() => go(HOME, true), NEXT_COMES) : undefined;
    return () => clearTimeout(timer);
  }, [wanted]);
  return wanted ? HOME : route;
}
