const SUFFIX = '.jobs';

/** What such a topic is like, in SQL. */
export const LIKE_JOB_TOPIC = `%${SUFFIX}`;

/** The topic that jobs are appended to, of a round whose log begins with this one. */
export const jobTopicOf = (topic: string): string => `${topic}${SUFFIX}`;

/** Whether a topic is one of jobs: none of the log, although tables have rows of both. */
export const isJobTopic = (topic: string): boolean => topic.endsWith(SUFFIX);
