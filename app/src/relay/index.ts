export type { About, DeviceCredentials, Item } from './answers.js';
export { type Failure, type Outcome, RelayClient } from './client.js';
export type { FeedEvent } from './events.js';
export { type Connection, Feed, type FeedListener } from './feed.js';
