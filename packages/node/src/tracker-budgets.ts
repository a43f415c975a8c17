import { MessageBudget } from '@pigeon/protocol/webtorrent/message-budget'

/** Addresses that are remembered at a time. */
export const REMEMBERED_ADDRESSES = 10_000

/** What each address may ask: one that is not remembered starts with a full budget. */
export class AddressBudgets {
  readonly #burst: number
  readonly #perSecond: number
  readonly #budgets = new Map<string, MessageBudget>()

  constructor(burst: number, perSecond: number) {
    this.#burst = burst
    this.#perSecond = perSecond
  }

  spend(host: string, nowMs: number): boolean {
    let budget = this.#budgets.get(host)
    if (budget === undefined) {
      budget = new MessageBudget(this.#burst, this.#perSecond)
      this.#budgets.set(host, budget)
      for (const [oldest] of this.#budgets) {
        if (this.#budgets.size <= REMEMBERED_ADDRESSES) break
        this.#budgets.delete(oldest)
      }
    }
    return budget.spend(nowMs)
  }

  /** Forgets those whose budget is full again. */
  sweep(nowMs: number): void {
    for (const [host, budget] of this.#budgets) {
      if (budget.isFull(nowMs)) this.#budgets.delete(host)
    }
  }
}
