/**
 * SQL: joins each `lane` with what is next in it, as `head`; null, all of it, where the lane is empty. Below the head are
 * the dead rows of what was removed.
 */
export const LANE_HEAD = `left join lateral (
            select guid, event, action, incarnation, kafka_offset, run
              from hookline.lane_deliveries waiting
             where waiting.consumer_group = lane.consumer_group and waiting.topic = lane.topic
               and waiting.kafka_partition = lane.kafka_partition and waiting.ordering_key = lane.ordering_key
               and position >= lane.head_position and position < lane.next_position
             order by position
             limit 1) as head on true`;
