import { defineErrors } from '../core/errors.js';

/** Errors of files: artifacts, results, downloads. */
export const StorageError = defineErrors({
  unreadableFile: {
    code: 'RXB3007',
    message: 'Cannot read {file}: {problem}',
    fix: 'Check that the path exists and that you may read it.',
  },
  invalidUtf8: {
    code: 'RXB3101',
    message: '{file}:{line} contains a byte that is not valid UTF-8.',
    fix: 'Save the file as UTF-8, or download it again.',
  },
  checksumMismatch: {
    code: 'RXB3105',
    message: '{file} is not the pinned file: its {kind} is {found}, expected {wanted}.',
    fix: 'Get the unmodified file from {origin} (without converted line endings), or delete it so that it is downloaded again.',
  },
  downloadFailed: {
    code: 'RXB3106',
    message: 'Cannot download {url}: {problem}',
    fix: 'Download it another way and save it as {path}, or set `dataDir` to a folder that has it. Then run the same command again.',
    resumable: true,
  },
  downloadRefused: {
    code: 'RXB3107',
    message: 'The server refused {url} with status {status}.',
    fix: 'If Hugging Face asks for it, accept the terms of the dataset and set HF_TOKEN to an access token. Otherwise check the repository, revision and path.',
  },
  damagedArtifact: {
    code: 'RXB5001',
    message: 'The artifact {file} is damaged: {problem}',
    fix: 'Delete this file and run the same command again. Only this file is computed again.',
    resumable: true,
    stopsRun: true,
  },
  writeFailed: {
    code: 'RXB5002',
    message: 'Cannot write {file}: {problem}',
    fix: 'Free disk space or fix the permissions, then run the same command again. Finished work is kept.',
    exit: 3,
    resumable: true,
    stopsRun: true,
  },
  notACache: {
    code: 'RXB5013',
    message:
      'The folder {folder} is not a reply cache alone: it also contains {foreign}. Nothing was removed.',
    fix: 'Set `cache` in the config to a folder of its own, or remove by hand what you mean to remove.',
  },
  foreignFolder: {
    code: 'RXB5016',
    message:
      'The folder {folder} is not used as `{option}`: it contains {foreign}, which RouterXBench did not write.',
    fix: 'Set `{option}` in the config to a folder of its own. If everything in it may stay beside the files of RouterXBench, create the empty file {marker} in it.',
  },
  notPrepared: {
    code: 'RXB5003',
    message: 'Cannot find {what}: {file} does not exist.',
    fix: 'Run `rxb prepare` (and `rxb train`) first, or `rxb run`, which runs all stages.',
    stopsRun: true,
  },
  invalidComparisonSource: {
    code: 'RXB8002',
    message: 'Cannot use {side} in a comparison: {problem}.',
    fix: 'Name a run, a baseline or leaderboard file (.json), or git:REF. `rxb baseline accept --reason …` creates the first baseline.',
  },
  mixedRun: {
    code: 'RXB8006',
    message:
      'Run "{run}" mixes results of different configurations: on {dataset}, {first} and {second}.',
    fix: 'Run `rxb run` again: it keeps only results of the present config.',
  },
  unknownCommit: {
    code: 'RXB8003',
    message: 'Cannot read the commit "{ref}": {problem}.',
    fix: 'Check the name, or fetch it first (in GitHub Actions: `fetch-depth: 0`).',
  },
});
