import { expect } from 'chai';
import { setTimeout as wait } from 'node:timers/promises';
import { ProcessPool } from '../../../sandbox/process-pool.js';

describe('processes that describe packages', () => {
  it('are never more than the limit, and one that is idle is ended for another', async () => {
    const pool = new ProcessPool(3);
    let most = 0;
    const alive = new Set<number>();
    const owners = Array.from({ length: 12 }, (_, i) => ({
      release: () => {
        alive.delete(i);
        return Promise.resolve();
      },
    }));
    const use = async (i: number): Promise<void> =>
      await pool.use(owners[i] as (typeof owners)[number], async () => {
        alive.add(i);
        most = Math.max(most, alive.size);
        await wait(i % 3);
      });
    await Promise.all(owners.map(async (_, i) => await use(i)));
    expect(most).to.equal(3);
    expect(alive.size).to.equal(3);
    await use([...alive][0] as number);
    expect(alive.size, 'it is used again').to.equal(3);
  });

  it('make room where work fails, and where they have ended', async () => {
    const pool = new ProcessPool(1);
    const one = { release: () => Promise.resolve() };
    const failed = await pool
      .use(one, () => Promise.reject(new Error('no')))
      .catch((error: unknown) => String(error));
    expect(failed).to.equal('Error: no');
    pool.forget(one);
    expect(await pool.use({ release: one.release }, () => Promise.resolve(1))).to.equal(1);
  });
});
