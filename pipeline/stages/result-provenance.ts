/** What the numbers of a result were made from. */
import { distinguishedMetrics } from '../planning/metrics.js';
import type { ResolvedConfig } from '../../core/config-schema.js';
import type { Json, JsonObject } from '../../core/util/json.js';
import type { PlannedRouter, PlannedSet } from '../planning/planned.js';
import type { RunContext } from '../run-context.js';
import { pricesFacts } from '../spending/prices.js';
import { Sha256 } from '../util/sha256.js';
import type { PreparedSet } from './prepared.js';

/**
 * The scorer's name; a list where there are several, or where one has further facts, such as its
 * prompt's hash.
 */
const scorerFacts = ({ scorers }: PlannedSet): Json => {
  const all = scorers.map(({ name, facts }): Json => (facts === null ? name : { name, ...facts }));
  return all.length === 1 && typeof all[0] === 'string' ? all[0] : all;
};

/** Hashes of the code of the third-party scorers; nothing where all are built-in. */
const scorerCode = ({ scorers }: PlannedSet): JsonObject => {
  const code = scorers.flatMap(({ name, code: hash }) => (hash === null ? [] : [[name, hash]]));
  return code.length === 0 ? {} : { scorerCode: Object.fromEntries(code) as JsonObject };
};

/**
 * What of the protocol decides numbers beside the bands: how rows are chosen, divided and counted.
 * Which training seeds there are belongs to the routers.
 */
const protocolFacts = ({
  fitSplit,
  testSplit,
  fitRows,
  validationShare,
  seed,
  nullTolerance,
  nullConfidenceTolerance,
  overlap,
}: ResolvedConfig['protocol']): JsonObject => ({
  fitSplit,
  testSplit,
  fitRows: fitRows ?? null,
  validationShare,
  seed,
  nullTolerance,
  nullConfidenceTolerance,
  overlap,
});

/** What every number of a set is made from. */
export function setProvenance({ plan }: RunContext, { set, test }: PreparedSet): JsonObject {
  const { protocol, statistics, limit, prices } = plan.project.config;
  const others = distinguishedMetrics(plan.metrics);
  return {
    data: set.test.contentHash,
    grades: { weak: test.grades.weak.origin, strong: test.grades.strong.origin },
    scorer: scorerFacts(set),
    ...scorerCode(set),
    label: set.label as unknown as JsonObject,
    scale: set.definition.scale,
    lowBand: protocol.lowBand,
    recoveryBand: protocol.recoveryBand,
    protocol: protocolFacts(protocol),
    statistics,
    limit: limit ?? null,
    prices: pricesFacts(prices),
    ...(others.length === 0 ? {} : { metrics: others }),
  };
}

/** The templates that a router put to models, as hashes by signal; nothing where it has none. */
export const getTemplates = ({ needs }: PlannedRouter): JsonObject => {
  const asked = needs.filter(({ params }) => 'template' in params);
  if (asked.length === 0) return {};
  const hashes = asked.map(({ key, params }) => [
    key,
    new Sha256().add(String(params['template'])).digest(),
  ]);
  return { templates: Object.fromEntries(hashes) as JsonObject };
};
