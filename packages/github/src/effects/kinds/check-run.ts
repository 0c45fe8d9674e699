import type { GithubCheckRun } from '@hookline/contracts';
import type { EffectKind, SendResult } from '@hookline/runtime';
import { type Failed, unlike } from '../api/verdict.ts';
import { madeOf } from './identified.ts';
import { type GithubAccess, open, type Session, targetOf } from './open.ts';
import { reservedProblem } from './reserved.ts';

const SHAPE = { owner: 'text', repo: 'text', headSha: 'text', name: 'text', fields: 'object' } as const;
const PER_PAGE = 100;
const MOST_PAGES = 10;

interface ListedRun {
  id: number | bigint;
  external_id: string | null;
}

/** The one check run of a name for a commit: whoever finds it changes it. An attempt without an answer is made again. */
export function checkRunKind(access: GithubAccess): EffectKind {
  return {
    name: 'github.checkRun',
    target: ({ request }) => targetOf(access.credentials, request),
    onAmbiguous: () => 'resend',

    async send(effect, attempt) {
      const opened = open<GithubCheckRun>(access, effect, attempt, SHAPE);
      if (!opened.success) return opened.result;
      const { session } = opened;
      const { owner, repo, headSha, name, fields } = session.request;
      const problem = reservedProblem(fields);
      if (problem !== null) return { outcome: 'refused', error: problem };
      // What a run of ours is known by, unless its handler has a reference of its own.
      const externalId = typeof fields['external_id'] === 'string' ? fields['external_id'] : `hookline:${name}`;
      const found = await findRun(session, externalId);
      if (!found.ok) return found.result;
      const parameters = { ...fields, owner, repo, name, external_id: externalId };
      const made =
        found.id === undefined
          ? await session.act({
              route: 'POST /repos/{owner}/{repo}/check-runs',
              parameters: { ...parameters, head_sha: headSha },
            })
          : await session.act({
              route: 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
              parameters: { ...parameters, check_run_id: found.id },
            });
      return madeOf(made);
    },
  };
}

type Found = { ok: true; id: string | undefined } | Failed;

/** The run of ours for the commit. Of two, which GitHub cannot delete, the younger: that one is shown. */
async function findRun({ request, api, ask }: Session<GithubCheckRun>, externalId: string): Promise<Found> {
  const { owner, repo, headSha, name } = request;
  const found: bigint[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const verdict = await ask({
      route: 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
      parameters: {
        ...{ owner, repo, ref: headSha, check_name: name, filter: 'all', per_page: PER_PAGE, page },
        ...(api.credential.type === 'app' ? { app_id: api.credential.appId } : {}),
      },
    });
    if (!verdict.ok) return verdict;
    const { check_runs: runs } = verdict.data as { check_runs?: ListedRun[] };
    if (!Array.isArray(runs)) return unlike('list of check runs');
    for (const run of runs) if (run.external_id === externalId) found.push(BigInt(run.id));
    if (runs.length < PER_PAGE) {
      const youngest = found.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0))[0];
      return { ok: true, id: youngest?.toString() };
    }
  }
  const result: SendResult = {
    outcome: 'failed',
    error: `The commit has more than ${PER_PAGE * MOST_PAGES} check runs of this name.`,
  };
  return { ok: false, status: null, result };
}
