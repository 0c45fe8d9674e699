import { graph, meanOf, of, quantiles, query, ratesBy, type Dashboard } from '../spec.ts';

export const processor: Dashboard = {
  name: 'processor',
  title: 'Hookline: processor and lanes',
  description: 'From the log to the database: how far it is, what waits in lanes, what died.',
  rows: [
    {
      title: 'The log',
      panels: [
        graph('Decisions', 'reqps', ratesBy('decision', 'hookline_records_total'), {
          description: 'Records by what became of them.',
          runbook: 'the-lag-grows',
          stacked: true,
        }),
        graph(
          'Records behind, by partition',
          'short',
          [query(of('installation_job_partition:hookline_partition_lag:max'), '{{partition}}')],
          {
            description: 'Known of, and not processed. It stands still where a partition is halted or waits.',
            runbook: 'the-lag-grows',
            stacked: true,
          },
        ),
        graph('Accepted to committed', 's', quantiles('hookline_accept_to_commit_seconds', '', '', [0.5, 0.9, 0.99]), {
          description: 'From the arrival at ingest to the commit of the effects.',
          runbook: 'the-lag-grows',
        }),
        graph('Time of a slice', 's', quantiles('hookline_slice_seconds'), {
          description: 'One transaction, its retries included: slow handlers, or a slow database.',
          runbook: 'the-lag-grows',
        }),
        graph('Records of a slice', 'short', [query(meanOf('hookline_slice_records'), 'mean')], {
          description: 'More under load.',
          runbook: 'the-lag-grows',
        }),
        graph(
          'Partitions that wait',
          'short',
          [
            query(`sum(${of('hookline_partition_halted')})`, 'halted: for a human'),
            query(`sum(${of('hookline_intake_paused')})`, 'paused: for room in the lanes'),
          ],
          {
            description: 'The others go on.',
            runbook: 'a-partition-is-halted',
          },
        ),
      ],
    },
    {
      title: 'Lanes',
      panels: [
        graph(
          'Repositories in a lane',
          'short',
          [
            query(`sum(${of('hookline_lanes_open')})`, 'repositories'),
            query(`sum(${of('hookline_lane_records')})`, 'deliveries'),
          ],
          {
            description: 'Repositories that wait, and their deliveries.',
            runbook: 'a-repository-waits-in-a-lane',
          },
        ),
        graph(
          'The oldest lane',
          's',
          [query(`time() - min(${of('hookline_lane_oldest_timestamp_seconds')} > 0)`, 'age')],
          {
            description: 'How long the lane has been open that is open for longest; empty: none is.',
            runbook: 'a-repository-waits-in-a-lane',
          },
        ),
        graph('Bytes in lanes', 'bytes', [query(`sum(${of('hookline_lane_bytes')})`, 'bytes')], {
          description: 'Bounded by HOOKLINE_LANE_TOTAL_BYTES.',
          runbook: 'the-lanes-are-full',
        }),
        graph('Runs of lanes', 'reqps', ratesBy('outcome', 'hookline_lane_runs_total'), {
          description: 'By how they ended.',
          runbook: 'a-repository-waits-in-a-lane',
          stacked: true,
        }),
        graph('Failures of handlers', 'reqps', ratesBy('handler, kind', 'hookline_handler_failures_total'), {
          description: 'Only faults count against a delivery.',
          runbook: 'a-handler-fails-for-many-repositories',
        }),
        graph('Breakers', 'bool_yes_no', [query(`max by (handler) (${of('hookline_breaker_open')})`, '{{handler}}')], {
          description: 'Whether a handler fails for many repositories alike.',
          runbook: 'a-handler-fails-for-many-repositories',
        }),
      ],
    },
    {
      title: 'What waits for a human',
      panels: [
        graph(
          'Dead letters',
          'short',
          [query(`sum by (reason) (${of('hookline_dead_letters_total')})`, '{{reason}}')],
          {
            description: 'Since the processes began, by reason.',
            runbook: 'dead-letters',
          },
        ),
        graph(
          'Flags of deliveries',
          'short',
          [query(`sum by (flag) (${of('hookline_delivery_flags_total')})`, '{{flag}}')],
          {
            description: 'Replays, other events, reused GUIDs; since the processes began.',
            runbook: 'deliveries-are-held',
          },
        ),
        graph(
          'Commands of operators',
          'short',
          [query(`sum by (command, outcome) (${of('hookline_commands_total')})`, '{{command}} {{outcome}}')],
          {
            description: 'By what became of them; since the processes began.',
            runbook: 'a-command-is-refused-or-waits',
          },
        ),
      ],
    },
  ],
};
