import { graph, of, quantiles, query, rateOf, ratesBy, type Dashboard } from '../spec.ts';

export const dependencies: Dashboard = {
  name: 'dependencies',
  title: 'Hookline: Kafka and PostgreSQL as seen by us',
  description: 'What the services depend on, as they see it. Their own exporters say why.',
  rows: [
    {
      title: 'Kafka',
      panels: [
        graph('Time of an append', 's', quantiles('hookline_log_append_seconds', '', 'result="success"'), {
          description: 'Ingest waits for all in-sync replicas.',
          runbook: 'ingest-answers-503',
        }),
        graph('Appends that fail', 'reqps', ratesBy('result', 'hookline_log_appended_total', 'result!="success"'), {
          description: 'By reason.',
          runbook: 'ingest-answers-503',
        }),
        graph(
          'The log grows',
          'reqps',
          [query(`sum(deriv(${of('hookline_partition_high_watermark')}[$__rate_interval]))`, 'records per second')],
          {
            description: 'By the ends of the partitions as processors see them.',
            runbook: 'the-lag-grows',
          },
        ),
        graph(
          'Clients and producers made anew',
          'reqps',
          [
            query(`sum(${rateOf('hookline_kafka_clients_lost_total')})`, 'clients of processors'),
            query(`sum(${rateOf('hookline_log_producers_replaced_total')})`, 'producers of ingest'),
          ],
          {
            description: 'After something that KafkaJS does not recover from, or a send that failed.',
            runbook: 'the-group-keeps-rebalancing',
          },
        ),
        graph(
          'Joins of the group',
          'short',
          [query(`sum by (instance) (${of('hookline_group_joins_total')})`, '{{instance}}')],
          {
            description: 'Since the processes began. Each stops all members for a moment.',
            runbook: 'the-group-keeps-rebalancing',
          },
        ),
        graph(
          'Takeovers',
          'short',
          [
            query(`sum(${of('hookline_takeovers_total')})`, 'partitions taken over'),
            query(`sum(${of('hookline_fenced_total')})`, 'fenced out'),
            query(`sum(${of('hookline_stale_owners_terminated_total')})`, 'older owners ended'),
          ],
          {
            description: 'Since the processes began.',
            runbook: 'the-group-keeps-rebalancing',
          },
        ),
      ],
    },
    {
      title: 'PostgreSQL',
      panels: [
        graph('Time of a slice', 's', quantiles('hookline_slice_seconds'), {
          description: 'A transaction of a processor, handlers and retries included.',
          runbook: 'the-lag-grows',
        }),
        graph('Time of a look-up', 's', quantiles('hookline_ingest_look_up_seconds'), {
          description: 'A query of ingest.',
          runbook: 'look-ups-have-stopped',
        }),
        graph(
          'Repeated because it failed',
          'reqps',
          [
            query(`sum by (what) (${rateOf('hookline_slice_retries_total')})`, 'processor: {{what}}'),
            query(`sum by (what) (${rateOf('hookline_relay_retries_total')})`, 'relay: {{what}}'),
            query(`sum(${rateOf('hookline_ingest_look_up_failures_total')})`, 'ingest: look-up'),
          ],
          {
            description: 'decode is the registry; all others are the database.',
            runbook: 'a-dependency-is-away',
          },
        ),
        graph(
          'Identities reach back',
          's',
          [
            query(
              `time() - min(${of('hookline_ranges_from_timestamp_seconds', 'table="processed_deliveries"')})`,
              'oldest',
            ),
            query(`max(${of('hookline_horizon_seconds')})`, 'horizon'),
          ],
          {
            description: 'More than a week above the horizon: retention does not run.',
            runbook: 'what-is-old-does-not-go',
          },
        ),
        graph(
          'Ranges reach ahead',
          's',
          [query(`min by (table) (${of('hookline_ranges_to_timestamp_seconds')}) - time()`, '{{table}}')],
          {
            description: 'At 0 nothing can be written any more; processors make them three weeks ahead.',
            runbook: 'ranges-ahead-are-not-made',
          },
        ),
      ],
    },
  ],
};
