import { readGithubCredentials } from '@hookline/github/effects';
import { connectionProblems } from '@hookline/runtime';
import type { RelayConfig } from './config.ts';
import { httpProblems } from './kinds/http/create-http-kinds.ts';
import { renewalMs } from './leases/renewal.ts';

/** What is wrong with settings that are right one by one, and with the files that they name. */
export function settingProblems(config: Partial<RelayConfig>): string[] {
  return [
    ...leaseProblems(config),
    ...retryProblems(config),
    ...githubProblems(config),
    ...httpProblems(config),
    ...connectionProblems(config),
  ];
}

function leaseProblems({ leaseMs, leaseMarginMs, attemptDeadlineMs }: Partial<RelayConfig>): string[] {
  if (leaseMs === undefined || leaseMarginMs === undefined || attemptDeadlineMs === undefined) return [];
  const needed = attemptDeadlineMs + leaseMarginMs + renewalMs(leaseMs);
  if (needed <= leaseMs) return [];
  return [
    `HOOKLINE_LEASE_MS is ${leaseMs}: no attempt of HOOKLINE_EFFECT_DEADLINE_MS (${attemptDeadlineMs}) could begin right ` +
      `before a renewal, which is due after ${renewalMs(leaseMs)} ms, with the margin of ${leaseMarginMs}. It must be ` +
      `${Math.ceil((4 / 3) * (attemptDeadlineMs + leaseMarginMs))} at least.`,
  ];
}

function retryProblems({ effectRetryMinMs, effectRetryMaxMs }: Partial<RelayConfig>): string[] {
  if (effectRetryMinMs === undefined || effectRetryMaxMs === undefined || effectRetryMinMs <= effectRetryMaxMs)
    return [];
  return ['HOOKLINE_EFFECT_RETRY_MIN_MS is above HOOKLINE_EFFECT_RETRY_MAX_MS.'];
}

function githubProblems({ githubFile }: Partial<RelayConfig>): string[] {
  if (githubFile === undefined) return [];
  const read = readGithubCredentials(githubFile);
  return read.success ? [] : read.problems.map((problem) => `HOOKLINE_GITHUB_FILE: ${problem}`);
}
