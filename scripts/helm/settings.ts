import { topicOptions } from '../../packages/cli/src/settings.ts';
import { retentionRunOptions } from '../../packages/cli/src/retention-settings.ts';
import { verifyOptions } from '../../packages/cli/src/verify/verify-settings.ts';
import { databaseOptions, type Option, type OptionTable } from '../../packages/runtime/src/index.ts';
import { ingestOptions } from '../../services/ingest/src/config.ts';
import { processorOptions } from '../../services/processor/src/config.ts';
import { relayOptions } from '../../services/relay/src/config.ts';

/** What runs in a pod of its own, with the option table that its program reads. */
export const COMPONENTS: Readonly<Record<string, OptionTable>> = {
  ingest: ingestOptions,
  processor: processorOptions,
  relay: relayOptions,
  migrations: databaseOptions,
  topics: topicOptions,
  retention: retentionRunOptions,
  verify: verifyOptions,
};

/** Variables that the chart makes of values of its own: given as settings, too, they would be there twice. */
const OF_THE_CHART = [
  /^HOOKLINE_KAFKA_(BROKERS|TLS|SASL|USERNAME)$/,
  /^HOOKLINE_KAFKA_OAUTH_/,
  /^HOOKLINE_REGISTRY_(URL|USERNAME)$/,
  /^HOOKLINE_(KAFKA|REGISTRY|DATABASE)_[A-Z_]*FILE$/,
  /^HOOKLINE_DATABASE_(URL|TLS)$/,
  /^HOOKLINE_(SOURCES|ROUTES|GITHUB|SIGNING_SECRETS)_FILE$/,
  // Probes, Services and policies are for these ports.
  /^HOOKLINE_(OPERATIONS|INGEST)_(HOST|PORT)$/,
];

/** The settings of a component that somebody may give in the values: all but the chart's own, and no secret. */
export function settingsOf(component: string): ReadonlyMap<string, Option<unknown>> {
  const options = Object.values(COMPONENTS[component] ?? {});
  const free = options.filter(({ env, secret }) => !secret && !OF_THE_CHART.some((pattern) => pattern.test(env)));
  return new Map(free.map((option) => [option.env, option]));
}

/** `files/settings.json`: for each component its settings with their defaults, as the environment has them; null: none. */
export function settingsFile(): string {
  const all = Object.keys(COMPONENTS).map((component) => {
    const defaults = [...settingsOf(component)].map(([env, option]) => [env, defaultOf(option)]);
    return [component, Object.fromEntries(defaults) as Record<string, string | null>];
  });
  return `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`;
}

function defaultOf(option: Option<unknown>): string | null {
  return option.default === undefined ? null : option.format(option.default);
}

/** JSON schema of the value of a setting. Services check more of it when they start; this is known before anything is changed. */
export function settingSchema(option: Option<unknown>): object {
  const description = option.help;
  const takes = (text: string): boolean => option.parse(text).success;
  if (option.type === 'integer') {
    const [min, max] = boundsOf(option.allowed);
    return {
      description,
      type: 'integer',
      ...(min === undefined ? {} : { minimum: min }),
      ...(max === undefined ? {} : { maximum: max }),
    };
  }
  if (option.type === 'boolean') return { description, type: 'boolean' };
  if (option.type === 'list') return { description, type: ['string', 'array'], items: { type: 'string' } };
  const words = (option.allowed ?? '').split(', ');
  if (option.type === 'word' && words.every(takes)) {
    // Words that are numbers, such as a status, need no quotes in a file of values.
    const isNumeric = words.every((word) => /^\d+$/.test(word));
    return { description, ...(isNumeric ? { type: ['string', 'integer'] } : { enum: words }) };
  }
  return { description, type: 'string' };
}

/** Of "1 to 65535", "1 or more" and "9 or less". */
function boundsOf(allowed = ''): [min: number | undefined, max: number | undefined] {
  const between = /^(-?\d+) to (-?\d+)$/.exec(allowed);
  if (between) return [Number(between[1]), Number(between[2])];
  const least = /^(-?\d+) or more$/.exec(allowed);
  if (least) return [Number(least[1]), undefined];
  const most = /^(-?\d+) or less$/.exec(allowed);
  return [undefined, most ? Number(most[1]) : undefined];
}
