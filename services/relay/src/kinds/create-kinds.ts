import type { Queryable } from '@hookline/database';
import { githubKinds, readGithubCredentials } from '@hookline/github/effects';
import { createOutbound } from '@hookline/outbound';
import type { EffectKind, ServiceContext } from '@hookline/runtime';
import type { RelayConfig } from '../config.ts';
import { createHttpKinds, type FileEvents } from './http/create-http-kinds.ts';
import { createJobs } from './kafka/create-jobs.ts';
import { nextJobTopic } from './kafka/next-job-topic.ts';

/** The kinds that come with the relay. */
export interface BuiltInKinds {
  kinds: EffectKind[];
  /** Begins to connect, in the background. */
  start(): Promise<void>;
  /** Resolves when nothing of them runs any more. */
  stop(): Promise<void>;
}

/** @throws if a file that the configuration names cannot be used */
export function createBuiltInKinds(
  { config, clock, logger, metrics }: Omit<ServiceContext<RelayConfig>, 'health'>,
  database: Queryable,
  events: FileEvents,
): BuiltInKinds {
  const outbound = createOutbound(config);
  const jobs = createJobs(config, {
    logger,
    metrics,
    nextTopic: (topic, keyRule) => nextJobTopic(database, topic, keyRule),
  });
  const http = createHttpKinds(config, { outbound, clock }, events);
  let polling: NodeJS.Timeout | undefined;
  return {
    kinds: [...http.kinds, ...githubKinds({ ...github(config), outbound, clock }), ...jobs.kinds],
    async start() {
      polling = setInterval(http.reload, config.routesPollMs);
      await jobs.start();
    },
    async stop() {
      clearInterval(polling);
      await Promise.all([outbound.close(), jobs.stop()]);
    },
  };
}

function github({ githubFile }: RelayConfig) {
  if (githubFile === undefined) return { credentials: [] };
  const read = readGithubCredentials(githubFile);
  if (!read.success) throw new RangeError(read.problems.join(' '));
  return read;
}
