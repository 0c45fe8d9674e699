import { SEGMENT_MS } from '@hookline/contracts';
import { retentionOptions, type ConfigOf } from '@hookline/runtime';

/** How long what is kept, in milliseconds. */
export type RetentionSettings = ConfigOf<typeof retentionOptions>;

type Setting = keyof RetentionSettings;

/** How long Kafka keeps a record of the log. It drops whole segments, when their newest record is old enough. */
export interface LogLifetime {
  /** Null: for ever. */
  retentionMs: number | null;
  /** What the records of one segment can differ in age. */
  segmentMs: number;
}

interface Rule {
  setting: Setting;
  /** What would happen otherwise. */
  or: string;
}

const AT_LEAST_THE_HORIZON: readonly Rule[] = [
  { setting: 'auditRetentionMs', or: 'a duplicate could no longer be explained by what it is a duplicate of' },
  {
    setting: 'deadLetterRetentionMs',
    or: 'a record that is no delivery could be read again after its dead letter is gone, and be a new one',
  },
  {
    setting: 'commandRetentionMs',
    or: 'a command could be read again after its id is gone, and take effect twice',
  },
];

/**
 * What is wrong with retentions that are right one by one: a sentence each, naming both variables. Settings that are
 * absent contradict nothing. Pure.
 *
 * The horizon must outlast the sum of two times and not only each of them: a delivery that is redelivered at the end of
 * GitHub's window can wait in the log, unread, for as long as the log keeps it.
 *
 * @param log as Kafka has it; by default as it is configured
 */
export function retentionProblems(settings: Partial<RetentionSettings>, log?: LogLifetime): string[] {
  const lifetime = log ?? configured(settings);
  return [
    ...(lifetime ? horizonProblems(settings, lifetime) : []),
    ...orderProblems(settings),
    ...effectProblems(settings),
  ];
}

function configured({ topicRetentionMs }: Partial<RetentionSettings>): LogLifetime | null {
  return topicRetentionMs === undefined ? null : { retentionMs: topicRetentionMs, segmentMs: SEGMENT_MS };
}

function horizonProblems(
  { horizonMs, redeliveryWindowMs }: Partial<RetentionSettings>,
  { retentionMs, segmentMs }: LogLifetime,
): string[] {
  if (horizonMs === undefined || redeliveryWindowMs === undefined) return [];
  if (retentionMs === null) {
    return [
      `The log keeps records for ever, and ${name('horizonMs')} is ${horizonMs}: read again from its start it would run ` +
        'what is older. Give the topic a retention (hookline topics check says how).',
    ];
  }
  const least = retentionMs + segmentMs + redeliveryWindowMs;
  if (horizonMs > least) return [];
  return [
    `${name('horizonMs')} is ${horizonMs}: it must be above ${least}, the sum of the log's retention ` +
      `(${name('topicRetentionMs')}, ${retentionMs}), one segment of the log (${segmentMs}) and ` +
      `${name('redeliveryWindowMs')} (${redeliveryWindowMs}), or a redelivery that waits in the log could be read after ` +
      'its first arrival is forgotten, and run twice.',
  ];
}

function orderProblems(settings: Partial<RetentionSettings>): string[] {
  const { horizonMs } = settings;
  return AT_LEAST_THE_HORIZON.flatMap(({ setting, or }) => {
    const value = settings[setting];
    if (value === undefined || horizonMs === undefined || value >= horizonMs) return [];
    return [`${name(setting)} is ${value}: it must not be below ${name('horizonMs')} (${horizonMs}), or ${or}.`];
  });
}

function effectProblems({ effectRetentionMs, horizonMs }: Partial<RetentionSettings>): string[] {
  if (effectRetentionMs === undefined || horizonMs === undefined || effectRetentionMs <= horizonMs) return [];
  return [
    `${name('effectRetentionMs')} is ${effectRetentionMs}: it must not be above ${name('horizonMs')} (${horizonMs}), or a ` +
      'delivery that is forgotten, and runs again, would have none of its effects, which are known still.',
  ];
}

function name(setting: Setting): string {
  return retentionOptions[setting].env;
}
