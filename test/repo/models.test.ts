import { expect } from 'chai';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

describe('models/tiny', () => {
  it('weighs less than 25 MB, whatever is in it', async () => {
    const files = (await readdir('models/tiny', { recursive: true, withFileTypes: true })).filter(
      (item) => item.isFile(),
    );
    const sizes = await Promise.all(
      files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
    );
    expect(files.some(({ name }) => name === 'model.onnx')).to.equal(true);
    expect(sizes.reduce((sum, size) => sum + size, 0)).to.be.below(25e6);
  });
});
