/** SQL: what every table that keeps a delivery has of it, beside its key and its place in the log. */
export const DELIVERY_COLUMNS = `source, dedup_scope, guid, digest, event, action, repository_id, hook_id, received_at, headers,
            secret_label, body, body_encoding, body_bytes`;

/**
 * SQL: a part of a WITH, by which the lanes of the rows of `given` count them in: `grown`, each of these lanes with the
 * position of the first of its rows. The lanes are those of the partition in $1 to $3.
 *
 * @param key column of `given` with the key of the lane
 */
export function grownLanes(key = 'ordering_key'): string {
  return `grown as (
       update hookline.lanes lane
          set records = lane.records + more.records, bytes = lane.bytes + more.bytes,
              next_position = lane.next_position + more.records
         from (select ${key} as ordering_key, count(*) as records, sum(octet_length(body)) as bytes
                 from given group by ${key}) as more
        where lane.consumer_group = $1 and lane.topic = $2 and lane.kafka_partition = $3
          and lane.ordering_key = more.ordering_key
       returning lane.ordering_key, lane.next_position - more.records as first_position
     )`;
}
