/** Which secrets a process knows: those that its config names, and those that downloads use. */
import { addSecret, addSecretsOfAddress } from './redact.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables with tokens that are sent to Hugging Face. */
const TOKENS = ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'];

const isAddress = (text: string): boolean => /^[a-z][a-z\d+.-]*:\/\//i.test(text);

/** Of an address, only user, password and keys are secret. */
const addValue = (value: string): void =>
  isAddress(value) ? addSecretsOfAddress(value) : addSecret(value);

/** Adds the secrets of the environment: tokens, and passwords in addresses such as HTTPS_PROXY. */
export function addSecretsOfEnvironment(env: Environment): void {
  for (const name of TOKENS) addSecret(env[name] ?? '');
  for (const [name, value = ''] of Object.entries(env))
    if (isAddress(value) || /_proxy$/i.test(name)) addSecretsOfAddress(value);
}

/** Headers and options whose plain value is a key, which the config refuses but may still show. */
const SECRET_MEMBER = /^api[-_]?key$|authori[sz]ation|^x-.*(?:key|token|secret|auth)$|^cookie$/i;

/**
 * Adds the values of all variables that a config names (`env('NAME')`), keys in addresses, and keys
 * that are written where they are refused.
 */
export function addSecretsOfConfig(values: unknown, env: Environment): void {
  if (typeof values === 'string') {
    if (isAddress(values)) addSecretsOfAddress(values);
    return;
  }
  if (typeof values !== 'object' || values === null) return;
  const members = Object.entries(values);
  const [first] = members;
  if (members.length === 1 && first?.[0] === 'env' && typeof first[1] === 'string')
    addValue(env[first[1]] ?? '');
  else
    for (const [name, value] of members) {
      if (typeof value === 'string' && SECRET_MEMBER.test(name)) addSecret(value);
      addSecretsOfConfig(value, env);
    }
}
