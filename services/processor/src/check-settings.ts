import { retentionProblems } from '@hookline/database';
import { processorOptions, type ProcessorConfig } from './config.ts';
import { stuckProblems } from './liveness/liveness-options.ts';
import { LEAVE_MS } from './stop-times.ts';

type Setting = { [K in keyof ProcessorConfig]: ProcessorConfig[K] extends number ? K : never }[keyof ProcessorConfig];

interface Rule {
  setting: Setting;
  must: 'be above' | 'not be above' | 'be below';
  other: Setting;
  /** What would happen otherwise. */
  or: string;
  /** Whether 0 switches it off, and contradicts nothing. */
  zeroIsOff?: boolean;
}

const RULES: readonly Rule[] = [
  {
    setting: 'watchdogMs',
    must: 'be above',
    other: 'sessionTimeoutMs',
    or: 'it would end processes that the group still counts on',
    zeroIsOff: true,
  },
  {
    setting: 'stuckMs',
    must: 'be above',
    other: 'sessionTimeoutMs',
    or: 'a rebalance that takes as long as it may would be taken for the end of all progress',
  },
  {
    setting: 'stuckMs',
    must: 'be above',
    other: 'registryTimeoutMs',
    or: 'a registry that does not answer would end the process, which mends nothing',
  },
  {
    setting: 'statementTimeoutMs',
    must: 'not be above',
    other: 'handlerTimeoutMs',
    or: 'a statement could go on, and hold its partition, after the handler that began it was given up',
  },
  {
    setting: 'breakerWindowMs',
    must: 'be above',
    other: 'handlerTimeoutMs',
    or: 'the breaker would forget one timeout of a hanging handler before the next, and never open',
  },
  {
    setting: 'laneRetryMinMs',
    must: 'not be above',
    other: 'laneRetryMaxMs',
    or: 'there is no wait between the two',
  },
  {
    setting: 'laneConcurrency',
    must: 'be below',
    other: 'databasePoolSize',
    or: 'lanes that run slow handlers could take every connection, and all partitions would wait for them',
  },
  {
    setting: 'sliceRecords',
    must: 'not be above',
    other: 'queueRecords',
    or: 'no slice could be as large',
  },
  { setting: 'sliceBytes', must: 'not be above', other: 'queueBytes', or: 'no slice could be as large' },
  {
    setting: 'queueRecords',
    must: 'not be above',
    other: 'queueTotalRecords',
    or: 'no queue could be as long',
  },
  { setting: 'queueBytes', must: 'not be above', other: 'queueTotalBytes', or: 'no queue could be as large' },
  { setting: 'laneKeyBytes', must: 'not be above', other: 'laneTotalBytes', or: 'no lane could be as large' },
];

/**
 * What is wrong with settings that are right one by one: a sentence each, naming both variables. Values that are wrong by
 * themselves are absent, and contradict nothing. What each is for is in docs/internals/timeouts.md.
 */
export function settingProblems(config: Partial<ProcessorConfig>): string[] {
  const contradictions = RULES.flatMap((rule) => contradiction(rule, config[rule.setting], config[rule.other]) ?? []);
  return [...contradictions, ...stuckProblems(config), ...graceProblems(config), ...retentionProblems(config)];
}

function contradiction({ setting, must, other, or, zeroIsOff }: Rule, value?: number, than?: number): string | null {
  if (value === undefined || than === undefined || (zeroIsOff && value === 0)) return null;
  const fits = { 'be above': value > than, 'not be above': value <= than, 'be below': value < than }[must];
  return fits ? null : `${name(setting)} is ${value}: it must ${must} ${name(other)} (${than}), or ${or}.`;
}

function graceProblems({ stopGraceMs }: Partial<ProcessorConfig>): string[] {
  if (stopGraceMs === undefined || stopGraceMs > LEAVE_MS) return [];
  return [
    `${name('stopGraceMs')} is ${stopGraceMs}: it must be above ${LEAVE_MS}, which leaving the group and closing ` +
      'connections may take, or what runs is cut off at once and the stop fails with code 3.',
  ];
}

function name(setting: Setting): string {
  return processorOptions[setting].env;
}
