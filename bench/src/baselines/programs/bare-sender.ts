// The same posts as a relay sends, and nothing else: pages of the outbox are read and each row is posted, as many at once as
// the relay has under way at one target. Nothing is written, no order is kept, nothing is tried again.
import '../../programs/leave-usage.ts';
import { openDatabase } from '../open-database.ts';
import { postAll, waitingPosts } from '../outbox-posts.ts';

process.once('SIGTERM', () => process.exit(0));
await postAll(waitingPosts(openDatabase(4)));
