import { useEffect, useState } from 'preact/hooks';
import { formatRoute, parseRoute, type Route } from './route.js';

const HOME: Route = { section: 'requests' };

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
