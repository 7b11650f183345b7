import type { Approver, Card, Choice, Snapshot } from '../../src/approver/approver.js';
import type { Value } from '../../src/messages/index.js';

/** Shows what it is told, and remembers what is asked of it. */
export class FakeApprover implements Approver {
  snapshot: Snapshot;
  /** Whether the person closes the browser's dialogs. */
  closesDialogs = false;
  readonly calls: { readonly name: string; readonly parameters: readonly unknown[] }[] = [];
  private readonly listeners = new Set<() => void>();

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  change(part: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...part };
    for (const listener of this.listeners) {
      listener();
    }
  }

  changeCard(id: string, part: Partial<Card>): void {
    this.change({ cards: this.snapshot.cards.map((card) => (card.id === id ? { ...card, ...part } : card)) });
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  offer(link: string): void {
    this.note('offer', link);
  }

  async join(options: { readonly passkey: boolean }): Promise<void> {
    this.note('join', options);
  }

  nameAgent(name: string): void {
    this.note('nameAgent', name);
  }

  async confirm(): Promise<void> {
    this.note('confirm');
  }

  async cancelPairing(): Promise<void> {
    this.note('cancelPairing');
    this.endPairing();
  }

  endPairing(): void {
    this.note('endPairing');
    const { pairing: _, ...rest } = this.snapshot;
    this.snapshot = rest;
    this.change({});
  }

  async rename(agentId: string, name: string): Promise<void> {
    this.note('rename', agentId, name);
    if (name === 'taken') {
      throw new Error('taken');
    }
  }

  async setPaused(agentId: string, paused: boolean): Promise<void> {
    this.note('setPaused', agentId, paused);
  }

  async remove(agentId: string): Promise<void> {
    this.note('remove', agentId);
  }

  async decide(cardId: string, choice: Choice): Promise<void> {
    this.note('decide', cardId, choice);
  }

  room(_cardId: string, values: readonly Value[]): number {
    return 4_000 - JSON.stringify(values).length;
  }

  dismiss(cardId: string): void {
    this.note('dismiss', cardId);
    this.change({ cards: this.snapshot.cards.filter(({ id }) => id !== cardId) });
  }

  async createPasskey(): Promise<void> {
    this.note('createPasskey');
    const { phone } = this.snapshot;
    this.change({
      phone: this.closesDialogs ? { ...phone, passkeyProblem: 'cancelled' } : { ...phone, passkey: 'synced' },
    });
  }

  async enableWakeUps(): Promise<void> {
    this.note('enableWakeUps');
  }

  async disableWakeUps(): Promise<void> {
    this.note('disableWakeUps');
  }

  async testWakeUp(): Promise<void> {
    this.note('testWakeUp');
  }

  async receipt(pastId: string): Promise<Uint8Array | undefined> {
    return pastId === 'gone' ? undefined : new TextEncoder().encode('{"harp_receipt":1}');
  }

  async reset(): Promise<void> {
    this.note('reset');
  }

  private note(name: string, ...parameters: readonly unknown[]): void {
    this.calls.push({ name, parameters });
  }
}
