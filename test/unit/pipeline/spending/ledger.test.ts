import { expect } from 'chai';
import { Ledger } from '../../../../pipeline/spending/ledger.js';
import { computeCallCost } from '../../../../pipeline/spending/prices.js';
import { rejection } from '../../../support/temporary.js';

const PRICES = {
  date: '2026-11-01',
  models: { dear: { input: 2, cachedInput: 0.5, output: 10 }, free: { input: 0, output: 0 } },
};
const call = (
  model: string,
  prompt: number,
  completion: number,
  cachedPrompt?: number,
): Parameters<typeof computeCallCost>[1] => ({
  requestedModel: model,
  servedModel: null,
  usage: { prompt, completion, ...(cachedPrompt === undefined ? {} : { cachedPrompt }) },
  latencyMs: 5,
  requests: 1,
});
const { signal } = new AbortController();

describe('prices', () => {
  it('bill input, cached input and output by the million; what is not listed or not counted is unknown, never 0', () => {
    expect(
      computeCallCost(PRICES, call('dear', 1_000_000, 100_000, 400_000), 'weak'),
    ).to.be.closeTo(1.2 + 0.2 + 1, 1e-12);
    expect(computeCallCost(PRICES, call('free', 10, 10), 'weak')).to.equal(0);
    expect(computeCallCost(PRICES, call('other', 10, 10), 'weak')).to.equal(null);
    expect(
      computeCallCost(PRICES, call('other', 10, 10), 'free'),
      'by its name in the config',
    ).to.equal(0);
    expect(computeCallCost(PRICES, { ...call('dear', 1, 1), usage: null }, 'weak')).to.equal(null);
    expect(computeCallCost(undefined, call('dear', 1, 1), 'weak')).to.equal(null);
  });
});

describe('the ledger', () => {
  it('lets through what the budget bears and makes the rest wait for what is on its way', async () => {
    const ledger = new Ledger(PRICES, { budgetUsd: 0.05 });
    await ledger.admit('weak', 0.02, signal);
    await ledger.admit('weak', 0.02, signal);
    let third = false;
    const waiting = ledger.admit('weak', 0.02, signal).then(() => (third = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(third, 'three at the outside are more than the budget').to.equal(false);
    ledger.settled('weak', true, { ok: true, call: call('dear', 500, 400) }); // $0.005
    await waiting;
    expect(third).to.equal(true);
  });

  it('refuses what no budget is left for at once, although cheaper calls are still on their way', async () => {
    const ledger = new Ledger(PRICES, { budgetUsd: 0.01 });
    await ledger.admit('weak', 0.001, signal); // on its way for long
    await ledger.admit('strong', 0.001, signal);
    ledger.settled('strong', true, { ok: true, call: call('dear', 500, 800) }); // $0.009
    expect((await rejection(ledger.admit('strong', 0.001, signal))).code).to.equal('RXB4111');
    expect((await rejection(ledger.admit('weak', 0, signal))).code, 'the run is over').to.equal(
      'RXB4111',
    );
  });

  it('counts what failed requests cost', () => {
    const ledger = new Ledger(PRICES);
    ledger.settled('weak', false, { ok: false, call: call('dear', 500, 400) });
    expect(ledger.spent()).to.be.closeTo(0.005, 1e-12);
    expect(ledger.accounts()['weak']).to.deep.include({ asked: 0, failed: 1, requests: 1 });
  });

  it('counts replies that could not be used before their prompt is asked again', async () => {
    const ledger = new Ledger(PRICES, { budgetUsd: 0.012 });
    const prompt = {};
    await ledger.admit('weak', 0.001, signal);
    ledger.again('weak', prompt, undefined); // nothing was paid: it was throttled, for one
    expect(ledger.spent()).to.equal(0);
    ledger.again('weak', prompt, call('dear', 500, 400)); // $0.005
    expect(ledger.spent()).to.be.closeTo(0.005, 1e-12);
    let refused: unknown;
    try {
      ledger.again('weak', prompt, call('dear', 1500, 1200)); // of all of them: $0.015
    } catch (error) {
      refused = error;
    }
    expect(refused).to.have.property('code', 'RXB4111');
    // given up, and still paid
    expect(() => ledger.settled('weak', true, undefined, prompt)).to.throw('RXB4111');
    expect(ledger.spent()).to.be.closeTo(0.015, 1e-12);
  });

  it('refuses once the budget is used up, and never spends more than a call above it', async () => {
    const ledger = new Ledger(PRICES, { budgetUsd: 0.1 });
    let made = 0;
    const error = await rejection(
      (async () => {
        for (;;) {
          await ledger.admit('weak', 1, signal);
          made++;
          ledger.settled('weak', true, { ok: true, call: call('dear', 0, 1000) }); // $0.01
        }
      })(),
    );
    expect([error.code, made]).to.deep.equal(['RXB4111', 10]);
  });

  it('counts failures of all models against the limit', async () => {
    const ledger = new Ledger(undefined, { maxErrors: 1 });
    ledger.settled('weak', false, { ok: false });
    expect(() => ledger.settled('strong', false, { ok: false }))
      .to.throw()
      .with.property('code', 'RXB4113');
    expect(ledger.accounts()['weak']).to.include({ failed: 1, asked: 0, usd: 0 });
  });

  it('tells tokens, dollars and latencies by model; unknown is null', () => {
    const ledger = new Ledger(PRICES);
    for (const prompt of [10, 20])
      ledger.settled('strong', false, { ok: true, call: call('dear', prompt, 5) });
    ledger.found('strong');
    ledger.settled('weak', false, { ok: true, call: { ...call('other', 1, 1), usage: null } });
    const { strong, weak } = ledger.accounts();
    expect(strong).to.deep.include({
      asked: 2,
      cached: 1,
      requests: 2,
      tokens: { prompt: 30, cachedPrompt: 0, completion: 10, reasoning: 0 },
      latencyMs: { p50: 5, p95: 5, p99: 5 },
    });
    expect(strong?.usd).to.be.closeTo(0.00016, 1e-12);
    expect(weak).to.deep.include({ tokens: null, usd: null });
  });
});
