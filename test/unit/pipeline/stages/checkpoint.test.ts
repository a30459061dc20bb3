import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointAt, dropCheckpoint, exists } from '../../../../pipeline/stages/weights.js';
import { inTemporaryFolder, rejection } from '../../../support/temporary.js';

describe('the checkpoint of a fit', () => {
  const state = {
    tensors: { values: { shape: [2, 2], data: Float32Array.from([1, -2, 3.5, 1e-30]) } },
    meta: { step: 7, trainLosses: [0.1, 1 / 3], phase: 2 },
  };

  it('gives back what was saved, to the last digit, also to another process that looks', async () => {
    await inTemporaryFolder(async (folder) => {
      const at = { file: join(folder, 'weights.safetensors') };
      expect(await checkpointAt(at).load()).to.equal(undefined);
      const checkpoint = checkpointAt(at);
      await checkpoint.save(state);
      expect(await checkpoint.load()).to.deep.equal(state);
      expect(await checkpointAt(at).load()).to.deep.equal(state);
    });
  });

  it('is not due right after it was begun or saved', async () => {
    await inTemporaryFolder(async (folder) => {
      const checkpoint = checkpointAt({ file: join(folder, 'weights.safetensors') });
      expect(checkpoint.due()).to.equal(false);
      await checkpoint.save(state);
      expect(checkpoint.due()).to.equal(false);
    });
  });

  it('is thrown away, and throwing nothing away is no error', async () => {
    await inTemporaryFolder(async (folder) => {
      const at = { file: join(folder, 'weights.safetensors') };
      await dropCheckpoint(at);
      await checkpointAt(at).save(state);
      await dropCheckpoint(at);
      expect(await exists(join(folder, 'checkpoint.safetensors'))).to.equal(false);
      expect(await checkpointAt(at).load()).to.equal(undefined);
    });
  });

  it('says that it is damaged where it is', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'checkpoint.safetensors'), 'short');
      expect(
        await rejection(checkpointAt({ file: join(folder, 'weights.safetensors') }).load()),
      ).to.have.property('code', 'RXB5001');
    });
  });
});
