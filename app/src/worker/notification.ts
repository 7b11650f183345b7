/** What a wake-up shows. Constant: it says nothing of what is asked, and one replaces the one before. */
export const WAKE_UP = {
  title: 'Approval requested',
  options: { body: 'Open the app to read and answer.', tag: 'harp', icon: './icon-192.png', badge: './icon-192.png' },
} as const;
