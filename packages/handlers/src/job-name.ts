/** Whether a job can have this name: jobs are deliveries, whose action it is. */
export function isJobName(name: unknown): name is string {
  return typeof name === 'string' && /^[\w./:-]{1,100}$/.test(name);
}

export const JOB_NAME_WANTED = 'letters, digits and _ . / : - only, at most 100';
