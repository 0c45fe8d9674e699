import { graph, meanOf, of, quantiles, query, ratesBy, type Dashboard } from '../spec.ts';

export const ingest: Dashboard = {
  name: 'ingest',
  title: 'Hookline: ingest',
  description: 'The door: what came, how it was answered, and what waits for the log.',
  rows: [
    {
      title: 'Requests',
      panels: [
        graph('Answers by code', 'reqps', ratesBy('code', 'hookline_ingest_requests_total'), {
          description: '5xx is lost until somebody redelivers it; 4xx changes nothing.',
          runbook: 'ingest-answers-503',
          stacked: true,
        }),
        graph('Requests by source', 'reqps', ratesBy('source', 'hookline_ingest_requests_total'), {
          description: 'No name: what is for no source.',
          runbook: 'many-requests-are-refused',
          stacked: true,
        }),
        graph('Time to the answer', 's', quantiles('hookline_ingest_request_seconds', 'status', '', [0.99]), {
          description: 'From the head of a request to its answer, by status, of requests whose body was read whole.',
          runbook: 'ingest-answers-503',
        }),
        graph(
          'Requests that are refused',
          'reqps',
          [
            query(of('installation:hookline_rejections:rate10m'), 'last 10 min'),
            query(of('installation:hookline_rejections:rate1d'), 'last day'),
          ],
          {
            description: 'Refused for their own sake: signatures, headers, bodies.',
            runbook: 'many-requests-are-refused',
          },
        ),
        graph(
          'Bodies that are on their way',
          'bytes',
          [query(`sum(${of('hookline_ingest_reading_bytes')})`, 'bytes')],
          {
            description: 'Not verified yet; bounded by HOOKLINE_INGEST_READING_MAX_BYTES.',
            runbook: 'ingest-answers-503',
          },
        ),
        graph('Bodies in hand', 'short', [query(`sum(${of('hookline_ingest_reading_requests')})`, 'bodies')], {
          description: 'Bodies that are being read.',
          runbook: 'ingest-answers-503',
        }),
        graph(
          'Changes of the sources',
          'short',
          [query(`sum by (result) (${of('hookline_ingest_sources_reloads_total')})`, '{{result}}')],
          {
            description: 'A refused one leaves the list before it in force.',
            runbook: 'changed-sources-are-refused',
          },
        ),
      ],
    },
    {
      title: 'The log',
      panels: [
        graph('Appends', 'reqps', ratesBy('result', 'hookline_log_appended_total'), {
          description: 'By what became of them.',
          runbook: 'ingest-answers-503',
          stacked: true,
        }),
        graph('Time of an append', 's', quantiles('hookline_log_append_seconds'), {
          description: 'From asking for it to its answer: mostly Kafka.',
          runbook: 'ingest-answers-503',
        }),
        graph('Waits for the log', 'bytes', [query(`sum(${of('hookline_log_queued_bytes')})`, 'bytes')], {
          description: 'Bytes that wait or are on their way; bounded by HOOKLINE_INGEST_APPEND_MAX_BYTES.',
          runbook: 'ingest-answers-503',
        }),
        graph(
          'Records that wait for the log',
          'short',
          [query(`sum(${of('hookline_log_queued_records')})`, 'records')],
          {
            description: 'Records that wait or are on their way.',
            runbook: 'ingest-answers-503',
          },
        ),
        graph('Records of one send', 'short', [query(meanOf('hookline_log_batch_records'), 'mean')], {
          description: 'More under load: what comes while a send is on its way goes with the next one.',
          runbook: 'ingest-answers-503',
        }),
        graph('Bytes of one send', 'bytes', [query(meanOf('hookline_log_batch_bytes'), 'mean')], {
          description: 'Before compression.',
          runbook: 'ingest-answers-503',
        }),
        graph('Producers replaced', 'reqps', ratesBy('instance', 'hookline_log_producers_replaced_total'), {
          description: 'After a send that failed or did not end in time.',
          runbook: 'ingest-answers-503',
        }),
      ],
    },
    {
      title: 'Look-ups',
      panels: [
        graph('Deliveries looked up', 'reqps', ratesBy('in_time', 'hookline_ingest_looked_up_total'), {
          description: 'no: taken without; known ones are found to be duplicates later.',
          runbook: 'look-ups-have-stopped',
          stacked: true,
        }),
        graph('Time of a look-up', 's', quantiles('hookline_ingest_look_up_seconds'), {
          description: 'One query for all deliveries of a moment.',
          runbook: 'look-ups-have-stopped',
        }),
        graph(
          'Look-ups have stopped',
          'bool_yes_no',
          [query(`max by (instance) (${of('hookline_ingest_look_ups_stopped')})`, '{{instance}}')],
          {
            description: 'Whether deliveries do not wait for look-ups, because these have failed.',
            runbook: 'look-ups-have-stopped',
          },
        ),
      ],
    },
  ],
};
