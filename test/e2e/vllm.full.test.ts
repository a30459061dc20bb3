/** A whole run on servers that it starts itself: stopped, resumed, and ended without leftovers. */
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { readdir, readFile, symlink, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { rxbIn } from '../support/toy-project.js';
import { inTemporaryFolder } from '../support/temporary.js';
import { freePort } from '../support/openai-server/free-port.js';
import { writeVllm } from '../support/openai-server/vllm.js';
import { stopRun } from '../support/rxb.js';

describe('a run on its own vLLM servers', () => {
  it('is stopped, resumes, reads hidden states, makes a leaderboard, and leaves neither process nor file', async () => {
    await inTemporaryFolder(async (folder) => {
      await mkdir(join(folder, 'bin'));
      await writeVllm(join(folder, 'bin'));
      await mkdir(join(folder, 'node_modules'));
      await symlink(resolve('.'), join(folder, 'node_modules/routerxbench'), 'dir');
      const weak = {
        model: 'llama',
        weights: resolve('models/tiny/weak'),
        port: await freePort(),
        env: { VLLM_ENGINE: 'embedded' },
        stopSeconds: 5,
        hiddenStates: { depth: 4, dim: 48 },
      };
      const strong = { use: 'onnx', options: { folder: resolve('models/tiny/strong') } };
      await writeFile(
        join(folder, 'harness.config.json'),
        JSON.stringify({
          name: 'managed',
          models: { weak: { use: 'vllm', options: weak }, strong },
          datasets: { inDomain: ['tiny-arithmetic'] },
          generation: { maxTokens: 16 },
          routers: ['coe', 'entropy', { use: 'probe-mean', options: { epochs: 2 } }],
          protocol: { trainingSeeds: [1], search: 1 },
          limit: 400,
        }),
      );
      const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` };
      const traces = async (): Promise<readonly string[]> => {
        const names = await readdir(join(folder, 'results'), { recursive: true });
        return names.filter((name) => /^servers\/.*json$|^hidden-states\/.*safetensors/.test(name));
      };
      const stopped = await stopRun(
        folder,
        'SIGINT',
        () => existsSync(join(folder, 'results/artifacts/hidden-states')),
        env,
      ); // reading has started
      expect([stopped.exitCode, await traces()], stopped.stderr).to.deep.equal([130, []]);
      const ran = await rxbIn(folder, { env })('run');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      expect(ran.stderr)
        .to.include('vllm serve')
        .and.to.include('extract_hidden_states')
        .and.to.include('answers');
      expect(ran.stdout)
        .to.include('from hidden states before the final norm in layer 4')
        .and.to.include('from logits of the 20 likeliest tokens only')
        .and.to.match(/probe-mean/);
      expect(await traces()).to.deep.equal([]);
      const again = await rxbIn(folder, { env })('run');
      expect(
        [again.exitCode, again.stderr.includes('vllm serve')],
        'no requests, so no server is started',
      ).to.deep.equal([0, false]);
      const logs = await Promise.all(
        (await readdir(join(folder, 'results/logs'))).map(
          async (name) => await readFile(join(folder, 'results/logs', name), 'utf8'),
        ),
      );
      expect(logs).to.have.length(2);
      for (const log of logs) expect(log).to.include('[rxb] the server has ended: exit code 0');
    });
  });
});
