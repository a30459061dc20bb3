/**
 * What a call of the harness asked of its models: calls, tokens, dollars, failures; and where it
 * must stop.
 */
import type { CallRecord } from '../../core/contracts.js';
import type { HarnessError } from '../../core/errors.js';
import { Growable } from '../util/growable.js';
import { quantile } from '../../analysis/util/quantile.js';
import { computeCallCost, type PriceTable } from './prices.js';
import type { ModelSpend } from '../../storage/results/types.js';
import { PipelineError } from '../errors.js';

/** Where to stop. */
export interface Limits {
  readonly budgetUsd?: number | undefined;
  readonly maxErrors?: number | undefined;
}

class Account {
  asked = 0;
  cached = 0;
  failed = 0;
  requests = 0;
  known = true;
  prompt = 0;
  cachedPrompt = 0;
  completion = 0;
  reasoning = 0;
  usd = 0;
  priced = true;
  inFlight = 0;
  most = 0;
  readonly served = new Set<string>();
  readonly latency = new Growable();

  /** Dollars that the next call is likely to cost. */
  get expected(): number {
    return this.asked === 0 ? this.most : this.usd / this.asked;
  }
}

/** Keeps the accounts of one call of the harness. */
export class Ledger {
  readonly #accounts = new Map<string, Account>();
  readonly #waiting: (() => void)[] = [];
  /** Dollars of replies that could not be used, to prompts that are asked again. */
  readonly #pending = new Map<object, number>();
  /** Why no further request may be sent. */
  #stopped: HarnessError | undefined;

  constructor(
    private readonly prices: PriceTable | undefined,
    private readonly limits: Limits = {},
  ) {}

  /**
   * Called before a prompt's first request is sent; waits where calls in flight may use up the
   * budget. `most` is the most that the call can cost, in dollars: it counts until the first
   * replies show what such calls cost.
   * @throws HarnessError RXB4111 where the budget is used up, RXB4113 after too many failures.
   */
  async admit(model: string, most: number, signal: AbortSignal): Promise<void> {
    if (this.#stopped !== undefined) throw this.#stopped;
    const account = this.#account(model);
    account.most = Math.max(account.most, most);
    const { budgetUsd } = this.limits;
    if (budgetUsd !== undefined) {
      for (;;) {
        signal.throwIfAborted();
        if (this.#stopped !== undefined) throw this.#stopped;
        const spent = this.spent();
        // what is on its way can only add to it
        if (spent + (account.asked > 0 ? account.expected : 0) >= budgetUsd)
          throw this.#stop(budgetUsd);
        const all = [...this.#accounts.values()];
        const reserved = all.reduce((sum, other) => sum + other.inFlight * other.expected, 0);
        const idle = all.every(({ inFlight }) => inFlight === 0);
        if (idle || spent + reserved + account.expected <= budgetUsd) break;
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    }
    account.inFlight++;
  }

  /**
   * Called before a further request for a prompt, with what its earlier replies took: they are paid
   * though they could not be used, or were not all of it.
   * @throws HarnessError RXB4111 where the budget is used up
   */
  again(model: string, prompt: object, paid: CallRecord | undefined): void {
    if (this.#stopped !== undefined) throw this.#stopped;
    if (paid !== undefined)
      this.#pending.set(prompt, computeCallCost(this.prices, paid, model) ?? 0);
    const { budgetUsd } = this.limits;
    const { asked, expected } = this.#account(model);
    if (budgetUsd !== undefined && this.spent() + (asked > 0 ? expected : 0) >= budgetUsd)
      throw this.#stop(budgetUsd);
  }

  /** Lets no further request be sent. */
  #stop(budgetUsd: number): HarnessError {
    this.#stopped ??= new PipelineError('budgetExhausted', {
      budget: String(budgetUsd),
      spent: this.spent().toFixed(4),
    });
    return this.#stopped;
  }

  /**
   * A prompt came to its end; `admitted` says whether it had got as far as being admitted. Without
   * an outcome it was given up.
   */
  settled(
    model: string,
    admitted: boolean,
    outcome?: { readonly ok: boolean; readonly call?: CallRecord },
    prompt: object = {},
  ): void {
    const account = this.#account(model);
    const pending = this.#pending.get(prompt) ?? 0;
    this.#pending.delete(prompt);
    if (outcome?.call === undefined) account.usd += pending;
    if (admitted) account.inFlight--;
    if (outcome !== undefined) {
      if (outcome.ok) account.asked++;
      else account.failed++;
      if (outcome.call !== undefined) this.#add(account, model, outcome.call);
    }
    const { maxErrors } = this.limits;
    const failed = [...this.#accounts.values()].reduce((sum, other) => sum + other.failed, 0);
    if (maxErrors !== undefined && failed > maxErrors)
      this.#stopped ??= new PipelineError('tooManyFailures', { failed, most: maxErrors });
    for (const resolve of this.#waiting.splice(0)) resolve();
    if (this.#stopped !== undefined) throw this.#stopped;
  }

  /** The answer cache knew a prompt. */
  found(model: string): void {
    this.#account(model).cached++;
  }

  /** Dollars so far, of what could be priced. */
  spent(): number {
    const pending = [...this.#pending.values()].reduce((sum, usd) => sum + usd, 0);
    return [...this.#accounts.values()].reduce((sum, { usd }) => sum + usd, pending);
  }

  /** The accounts of all models that were asked or found. */
  accounts(): Readonly<Record<string, ModelSpend>> {
    return Object.fromEntries(
      [...this.#accounts]
        .filter(([, { asked, cached, failed }]) => asked + cached + failed > 0)
        .map(([name, account]) => [name, computeSpend(account)]),
    );
  }

  #account(model: string): Account {
    const known = this.#accounts.get(model);
    if (known !== undefined) return known;
    const made = new Account();
    this.#accounts.set(model, made);
    return made;
  }

  #add(account: Account, model: string, call: CallRecord): void {
    account.requests += call.requests;
    account.latency.push(call.latencyMs);
    if (call.servedModel !== null) account.served.add(call.servedModel);
    if (call.usage === null) account.known = false;
    else {
      account.prompt += call.usage.prompt;
      account.cachedPrompt += call.usage.cachedPrompt ?? 0;
      account.completion += call.usage.completion;
      account.reasoning += call.usage.reasoning ?? 0;
    }
    const usd = computeCallCost(this.prices, call, model);
    if (usd === null) account.priced = false;
    else account.usd += usd;
  }
}

function computeSpend({
  asked,
  cached,
  failed,
  requests,
  known,
  prompt,
  cachedPrompt,
  completion,
  reasoning,
  usd,
  priced,
  served,
  latency,
}: Account): ModelSpend {
  const sorted = Float64Array.from(latency.values()).sort();
  return {
    asked,
    cached,
    failed,
    requests,
    tokens: known ? { prompt, cachedPrompt, completion, reasoning } : null,
    usd: priced || asked + failed === 0 ? usd : null,
    servedModels: [...served].sort(),
    latencyMs:
      sorted.length === 0
        ? null
        : { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), p99: quantile(sorted, 0.99) },
  };
}
