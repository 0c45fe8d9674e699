import { checkRunOf } from '../represent/check-run.ts';
import { isoTime } from '../represent/time.ts';
import { errorReply, notFound } from '../reply.ts';
import { type CheckRun, fullName } from '../state.ts';
import type { Acting, Handle } from './acting.ts';
import { page } from './page.ts';

const ONLY_APPS = 'You must authenticate via a GitHub App.';

/** Check runs: create, change, get and list for a commit. */
export const checkRuns: Record<string, Handle> = {
  'POST /repos/{owner}/{repo}/check-runs'(acting) {
    const { state, principal, body, now, addresses } = acting;
    if (principal.kind !== 'installation') return errorReply(403, ONLY_APPS);
    const run: CheckRun = {
      id: state.nextId(),
      repository: repositoryOf(acting),
      app: principal.app,
      headSha: String(body['head_sha']),
      name: '',
      externalId: null,
      status: 'queued',
      conclusion: null,
      detailsUrl: null,
      output: { title: null, summary: null, text: null },
      startedAt: isoTime(now),
      completedAt: null,
    };
    change(run, acting);
    state.checkRuns.set(run.id, run);
    record(acting, 'create', run);
    return { status: 201, body: checkRunOf(run, addresses) };
  },

  'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}'(acting) {
    const run = find(acting);
    if (run === undefined) return notFound();
    const { principal } = acting;
    if (principal.kind !== 'installation') return errorReply(403, ONLY_APPS);
    if (principal.app !== run.app)
      return errorReply(403, 'Check run can only be modified by the GitHub App that created it.');
    change(run, acting);
    record(acting, 'update', run);
    return { status: 200, body: checkRunOf(run, acting.addresses) };
  },

  'GET /repos/{owner}/{repo}/check-runs/{check_run_id}'(acting) {
    const run = find(acting);
    return run === undefined ? notFound() : { status: 200, body: checkRunOf(run, acting.addresses) };
  },

  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs'(acting) {
    const { state, parameters, query, addresses } = acting;
    const repository = repositoryOf(acting);
    const found = [...state.checkRuns.values()]
      .reverse()
      .filter(
        (run) =>
          run.repository === repository &&
          run.headSha === parameters['ref'] &&
          asked(query.get('check_name'), run.name) &&
          asked(query.get('status'), run.status) &&
          asked(query.get('app_id'), String(run.app.id)),
      );
    const latest = found.filter(
      (run, i) => found.findIndex(({ app, name }) => app === run.app && name === run.name) === i,
    );
    const listed = query.get('filter') === 'all' ? found : latest;
    return page(listed, acting, (shown) => ({
      total_count: listed.length,
      check_runs: shown.map((run) => checkRunOf(run, addresses)),
    }));
  },
};

function asked(wanted: string | null, is: string): boolean {
  return wanted === null || wanted === is;
}

function repositoryOf({ state, parameters }: Acting) {
  return state.repository(parameters['owner'] ?? '', parameters['repo'] ?? '');
}

function find(acting: Acting): CheckRun | undefined {
  const run = acting.state.checkRuns.get(Number(acting.parameters['check_run_id']));
  return run?.repository === repositoryOf(acting) ? run : undefined;
}

/** Takes over what the request says; of the rest, what was stays. */
function change(run: CheckRun, { body, now }: Acting): void {
  const text = (name: string, kept: string | null) => (typeof body[name] === 'string' ? body[name] : kept);
  const output = (body['output'] ?? {}) as Partial<CheckRun['output']>;
  Object.assign(run, {
    name: text('name', run.name),
    externalId: text('external_id', run.externalId),
    conclusion: text('conclusion', run.conclusion),
    status: body['conclusion'] === undefined ? text('status', run.status) : 'completed',
    detailsUrl: text('details_url', run.detailsUrl),
    output: { ...run.output, ...pick(output) },
  });
  run.completedAt = run.status === 'completed' ? (text('completed_at', run.completedAt) ?? isoTime(now)) : null;
}

function pick({ title, summary, text }: Partial<CheckRun['output']>): Partial<CheckRun['output']> {
  return Object.fromEntries(Object.entries({ title, summary, text }).filter(([, value]) => value !== undefined));
}

function record(acting: Acting, did: 'create' | 'update', run: CheckRun): void {
  const { repository, headSha, id, name } = run;
  acting.record({ did, what: 'check-run', repository: fullName(repository), subject: headSha, id, effect: null, name });
}
