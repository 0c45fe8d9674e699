import { graph, of, quantiles, query, rateOf, ratesBy, stat, sumBy, type Dashboard } from '../spec.ts';

export const overview: Dashboard = {
  name: 'overview',
  title: 'Hookline: overview',
  description: 'Is anything lost, is anything late, does anything wait. Begin here.',
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Answered 5xx, last hour', 'percentunit', of('installation:hookline_accept_errors:ratio_rate1h'), {
          description: 'Of what GitHub sends. The objective is 0.1 %; each one has to be redelivered.',
          runbook: 'ingest-answers-503',
          redFrom: 0.001,
        }),
        stat('Records behind', 'short', of('installation:hookline_partition_lag:sum'), {
          description: 'Records of the log that are known of, and not processed.',
          runbook: 'the-lag-grows',
        }),
        stat('Halted partitions', 'short', sumBy('', of('hookline_partition_halted')), {
          description: 'Partitions that wait for a human.',
          runbook: 'a-partition-is-halted',
          redFrom: 1,
        }),
        stat('Repositories in a lane', 'short', sumBy('', of('hookline_lanes_open')), {
          description:
            'Repositories that wait because one of their deliveries failed. Their age matters, not their number.',
          runbook: 'a-repository-waits-in-a-lane',
        }),
        stat(
          'First effect waits since',
          's',
          `time() - min(${of('hookline_outbox_oldest_timestamp_seconds')} > 0) or vector(0)`,
          {
            description: 'How long the first effect of the outbox has waited; 0: none waits.',
            runbook: 'effects-wait',
            redFrom: 900,
          },
        ),
        stat('Alerts', 'short', `count(${of('ALERTS', 'alertname=~"Hookline.+",alertstate="firing"')}) or vector(0)`, {
          description: 'Alerts of ours that fire.',
          runbook: 'where-to-look',
          redFrom: 1,
        }),
      ],
    },
    {
      title: 'The way of a delivery',
      panels: [
        graph('Answers', 'reqps', ratesBy('code', 'hookline_ingest_requests_total'), {
          description: 'Requests by the code of their answer.',
          runbook: 'ingest-answers-503',
          stacked: true,
        }),
        graph('Decisions', 'reqps', ratesBy('decision', 'hookline_records_total'), {
          description: 'Records of the log, by what became of them.',
          runbook: 'the-lag-grows',
          stacked: true,
        }),
        graph('Attempts to send effects', 'reqps', ratesBy('outcome', 'hookline_effect_attempts_total'), {
          description: 'Attempts by how they ended.',
          runbook: 'effects-wait',
          stacked: true,
        }),
      ],
    },
    {
      title: 'How long it takes',
      panels: [
        graph('Answer of a request', 's', quantiles('hookline_ingest_request_seconds'), {
          description: "GitHub's deadline is 10 s.",
          runbook: 'ingest-answers-503',
        }),
        graph('Accepted to committed', 's', quantiles('hookline_accept_to_commit_seconds'), {
          description: 'The objective is 99 % within 5 s.',
          runbook: 'the-lag-grows',
        }),
        graph('Committed to sent', 's', quantiles('hookline_effect_commit_to_sent_seconds'), {
          description: 'The objective is 99 % within 10 s.',
          runbook: 'effects-wait',
        }),
      ],
    },
    {
      title: 'Processes',
      panels: [
        graph(
          'Ready processes',
          'short',
          [
            query(
              `sum by (service) (${of('hookline_ready')} * on (namespace, job, instance) group_left (service) ${of('hookline_build_info')})`,
              '{{service}}',
            ),
          ],
          { description: 'Processes that say that they can do their work.', runbook: 'not-ready' },
        ),
        graph(
          'CPU',
          'short',
          [
            query(
              `sum by (service) (${rateOf('process_cpu_seconds_total')} * on (namespace, job, instance) group_left (service) ${of('hookline_build_info')})`,
              '{{service}}',
            ),
          ],
          { description: 'Cores in use, by service.', runbook: 'the-lag-grows' },
        ),
        graph(
          'Memory',
          'bytes',
          [
            query(
              `sum by (service) (${of('process_resident_memory_bytes')} * on (namespace, job, instance) group_left (service) ${of('hookline_build_info')})`,
              '{{service}}',
            ),
          ],
          { description: 'Resident memory, by service.', runbook: 'exit-codes' },
        ),
      ],
    },
  ],
};
