/** Times as words. All are Unix seconds. */

/** `4:12`, `1:02:03`; never below zero. A second that has begun counts: at the deadline it is `0:00`. */
export function clockWords(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(left / 60);
  return minutes < 60
    ? `${minutes}:${two(left % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(left % 60)}`;
}

/** `just now`, `12 s ago`, `4 min ago`, `3 h ago`, `2 days ago`. A time to come is `just now`: clocks differ. */
export function agoWords(time: number, now: number): string {
  const passed = Math.floor(now - time);
  if (passed < 3) {
    return 'just now';
  }
  if (passed < 60) {
    return `${passed} s ago`;
  }
  if (passed < 3_600) {
    return `${Math.floor(passed / 60)} min ago`;
  }
  if (passed < 86_400) {
    return `${Math.floor(passed / 3_600)} h ago`;
  }
  const days = Math.floor(passed / 86_400);
  return days === 1 ? '1 day ago' : `${days} days ago`;
}

/** `14:02`, or `3 Nov 14:02` on another day. By the own time zone, unless one is given. */
export function momentWords(time: number, now: number, timeZone?: string): string {
  const clock = format(time, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, timeZone);
  const day = (at: number) => format(at, { dateStyle: 'short' }, timeZone);
  return day(time) === day(now) ? clock : `${dayWords(time, now, timeZone)} ${clock}`;
}

/** `3 Nov`, or `3 Nov 2025` of another year. */
export function dayWords(time: number, now: number, timeZone?: string): string {
  const year = (at: number) => format(at, { year: 'numeric' }, timeZone);
  const other: Intl.DateTimeFormatOptions = year(time) === year(now) ? {} : { year: 'numeric' };
  return format(time, { day: 'numeric', month: 'short', ...other }, timeZone);
}

function format(time: number, options: Intl.DateTimeFormatOptions, timeZone: string | undefined): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat('en-GB', { ...options, ...zone }).format(new Date(time * 1_000));
}

/** How much of the time is left, 0 to 1. */
export function share(issuedAt: number, expiresAt: number, now: number): number {
  const whole = expiresAt - issuedAt;
  return whole <= 0 ? 0 : Math.min(1, Math.max(0, (expiresAt - now) / whole));
}
