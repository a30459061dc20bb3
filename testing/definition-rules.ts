/** Rules for the definition of every plugin. */
import { z } from 'zod';
import { PLUGIN_API, type PluginKind } from '../core/plugin.js';
import type { Rule } from './rule.js';
import type { PluginSubject } from './subject.js';

/** The form of canonical names. */
export const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

const UNKNOWN_OPTION = 'no-such-option-of-any-plugin';

type AnySubject = Pick<PluginSubject<PluginKind>, 'kind' | 'mark' | 'given' | 'options'>;

/** Rules about mark, name and options. */
export const definitionRules: readonly Rule<AnySubject>[] = [
  {
    name: 'marked',
    sentence: 'is marked with its kind and this version of the plugin API',
    check: ({ mark, kind }) => {
      if (mark === undefined) return ['the class has no mark: is it decorated?'];
      if (mark.kind !== kind) return [`it is marked as a ${mark.kind}`];
      return mark.api === PLUGIN_API
        ? []
        : [`it is made for plugin API ${mark.api}, but this is ${PLUGIN_API}`];
    },
  },
  {
    name: 'named',
    sentence: 'has a kebab-case name, a summary of one line, and aliases that differ from its name',
    check: ({ mark }) => {
      if (mark === undefined) return [];
      const { name, summary, aliases = [], version = 1 } = mark.definition;
      const problems: string[] = [];
      if (!KEBAB.test(name)) problems.push(`the name "${name}" is not kebab-case`);
      if (summary.trim() === '' || summary.includes('\n'))
        problems.push('the summary is not one line of text');
      if (
        new Set([name, ...aliases]).size !== aliases.length + 1 ||
        aliases.some((alias) => alias.trim() === '')
      )
        problems.push('an alias is empty or listed twice');
      if (!Number.isInteger(version) || version < 1)
        problems.push(`the version ${version} is not a positive integer`);
      return problems;
    },
  },
  {
    name: 'strict-options',
    sentence: 'accepts its options and rejects an unknown one',
    check: ({ mark, given, options }) => {
      if (mark === undefined) return [];
      options(); // throws if the given options are rejected
      const schema = mark.definition.options ?? z.strictObject({});
      return schema.safeParse({ ...given, [UNKNOWN_OPTION]: 1 }).success
        ? ['an unknown option is accepted silently; use z.strictObject']
        : [];
    },
  },
];
