import type { Logger } from '@hookline/runtime';
import kafkajs from 'kafkajs';
import type { KafkaConnection } from '../client/create-kafka.ts';
import { withAdmin } from './with-admin.ts';

/**
 * The partitions of a topic that a member of the consumer group has now. Empty: no process reads, or the group is just
 * rebalancing.
 *
 * @throws {HooklineError} KAFKA_UNAVAILABLE
 */
export function readGroupPartitions(
  connection: KafkaConnection,
  logger: Logger,
  { topic, groupId }: { topic: string; groupId: string },
): Promise<ReadonlySet<number>> {
  return withAdmin(connection, logger, async (admin) => {
    const { groups } = await admin.describeGroups([groupId]);
    const members = groups.flatMap(({ members }) => members);
    return new Set(
      members.flatMap(({ memberAssignment }) => {
        // A member that has just joined has none yet.
        if (memberAssignment.length === 0) return [];
        return kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? [];
      }),
    );
  });
}
