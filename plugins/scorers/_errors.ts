import { defineErrors } from '../../core/index.js';

/** Errors of scorers. */
export const ScorerError = defineErrors({
  xverifyPromptUnreadable: {
    code: 'RXB7101',
    message: 'Cannot read the xVerify prompt from {file}: {problem}',
    fix: 'Set `checkout` to a checkout of IAAR-Shanghai/xVerify, or leave the option out to use the built-in prompt.',
  },
});
