import { secretHash } from '../messages/device.js';
import type { DeviceJoin } from '../messages/index.js';
import type { Failure } from '../relay/index.js';
import type { PairingRefusal } from './approver.js';
import type { Hub } from './hub.js';
import type { DeviceRecord } from './records.js';
import type { Relays } from './relays.js';

/** Milliseconds between the tries to bind, if the relay cannot be reached. */
const TRIES = [1_000, 2_000, 4_000, 8_000, 15_000];

/** The binding call of a join, and the registration that it may need. */
export class Binding {
  private readonly hub: Hub;
  private readonly relays: Relays;

  constructor(hub: Hub, relays: Relays) {
    this.hub = hub;
    this.relays = relays;
  }

  /**
   * Binds, with the same join however often it is tried.
   *
   * @returns why it is not bound, if it is not; nothing also if the join was cancelled in between
   */
  async bind(started: DeviceJoin): Promise<PairingRefusal | undefined> {
    const { relay, pairId } = started.link;
    let registered = false;
    for (let tries = 0; this.hub.state.join?.record.payload === started.payload; ) {
      const device = this.hub.state.devices.get(relay) ?? (await this.register(relay));
      const answer =
        typeof device === 'object' && 'deviceId' in device
          ? await this.relays.client(relay).bind(device, pairId, secretHash(started.link.secret), started.payload)
          : { ok: false as const, failure: device };
      if (this.hub.state.join?.record.payload !== started.payload) {
        return undefined; // cancelled in between
      }
      if (answer.ok) {
        const value = { ...this.hub.state.join.record, boundAt: this.hub.now() };
        await this.hub.write({ table: 'joins', key: 'join', value });
        return undefined;
      }
      const { failure } = answer;
      if (failure.kind === 'problem' && failure.code === 'unauthorized' && !registered) {
        // The relay has forgotten this device, and with it every pairing that it had there.
        registered = true;
        await this.forgetDevice(relay);
        continue;
      }
      const pause = TRIES[tries++];
      const again = failure.kind === 'unreachable' || (failure.kind === 'problem' && failure.retryAfter !== undefined);
      if (!again || pause === undefined) {
        return refusalAfter(failure);
      }
      const asked = failure.kind === 'problem' ? (failure.retryAfter ?? 0) * 1_000 : 0;
      await new Promise((resolve) => setTimeout(resolve, Math.max(pause, asked)));
    }
    return undefined;
  }

  private async register(relay: string): Promise<Failure | DeviceRecord> {
    const answer = await this.relays.client(relay).register();
    if (!answer.ok) {
      return answer.failure;
    }
    await this.hub.write({ table: 'devices', key: relay, value: answer.value });
    return answer.value;
  }

  private async forgetDevice(relay: string): Promise<void> {
    const ended = [...this.hub.state.agents.values()].filter(({ record }) => record.relay === relay);
    await this.hub.write(
      { table: 'devices', key: relay },
      ...ended.map(({ id, record }) => ({ table: 'pairings', key: id, value: { ...record, ended: true } }) as const),
    );
  }
}

function refusalAfter(failure: Failure): PairingRefusal {
  if (failure.kind !== 'problem') {
    return failure.kind === 'unreachable' ? 'relay_unreachable' : 'relay_refused';
  }
  switch (failure.code) {
    case 'wrong_secret':
    case 'already_paired':
    case 'pairing_expired':
    case 'pair_revoked':
      return failure.code;
    default:
      return 'relay_refused';
  }
}
