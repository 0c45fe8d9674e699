import { githubKinds, readGithubCredentials } from '@hookline/github/effects';
import { createOutbound } from '@hookline/outbound';
import type { Clock, EffectKind } from '@hookline/runtime';
import type { RelayConfig } from '../config.ts';
import { createHttpKinds } from './http/create-http-kinds.ts';

/** The kinds that come with the relay. */
export interface BuiltInKinds {
  kinds: EffectKind[];
  /** Resolves when nothing of them runs any more. */
  close(): Promise<void>;
}

/** @throws if a file that the configuration names cannot be used */
export function createBuiltInKinds(config: RelayConfig, clock: Clock): BuiltInKinds {
  const outbound = createOutbound(config);
  return {
    kinds: [...createHttpKinds(config, { outbound, clock }), ...githubKinds({ ...github(config), outbound, clock })],
    close: () => outbound.close(),
  };
}

function github({ githubFile }: RelayConfig) {
  if (githubFile === undefined) return { credentials: [] };
  const read = readGithubCredentials(githubFile);
  if (!read.success) throw new RangeError(read.problems.join(' '));
  return read;
}
