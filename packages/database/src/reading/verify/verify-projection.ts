import { JOB_EVENT } from '@hookline/contracts';
import type { Check } from './check.ts';

/** The rule about the built-in projection, which counts no jobs, partition by partition: $9 the topic, $10 the partition. */
export const PROJECTION_CHECK: Check = {
  code: 'ACTIVITY_SHORT',
  means:
    'The built-in projection has counted fewer deliveries of a key than were processed: rows of a handler are lost.',
  sql: `select $9::text as topic, $10::integer as kafka_partition, null::integer as incarnation, activity.last_offset as kafka_offset,
               activity.ordering_key as subject,
               format('%s counted, at least %s processed.', activity.deliveries, processed.deliveries) as detail
          from (select ordering_key, count(*) as deliveries
                  from hookline.audit_log entry
                 where entry.topic = $9 and entry.kafka_partition = $10 and stage = 'log' and decision = 'processed'
                   and event <> '${JOB_EVENT}'
                 group by ordering_key) as processed
          join hookline.repository_activity activity using (ordering_key)
         where activity.deliveries < processed.deliveries`,
};
