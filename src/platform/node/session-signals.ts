/** What the main thread and a session thread see of each other without messages: places in an Int32Array of
 * shared memory. */

/** `busy`: 1 while a request is being handled. `halt`: 1 once none may begin any more. */
export const signals = { busy: 0, halt: 1, count: 2 } as const;
